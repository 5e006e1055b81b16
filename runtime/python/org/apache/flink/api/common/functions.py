"""The functions that transform streams. Derive from them, or pass plain functions."""

from __future__ import annotations

from typing import Any, Generic, Optional, Protocol, TypeVar

from _pyflink.context import Configuration, RuntimeContext

IN = TypeVar("IN")
OUT = TypeVar("OUT")
T = TypeVar("T")
_C = TypeVar("_C", contravariant=True)


class Collector(Protocol[_C]):
    """Takes results: `collector.collect(value)`."""

    def collect(self, value: _C) -> None:
        """Gives a result."""


class Function:
    """What all functions derive from."""


class RichFunction(Function):
    """A function with a life cycle: `open` before the first element, `close` after the last one."""

    _pyflink_context: Optional[RuntimeContext] = None

    def open(self, config: Configuration) -> None:
        """Called once before the first element; `config` is empty."""

    def close(self) -> None:
        """Called once after the last element, also after a failure."""

    def getRuntimeContext(self) -> RuntimeContext:
        """Where this instance runs; there from `open` on."""
        if self._pyflink_context is None:
            raise RuntimeError("getRuntimeContext() can be called from open() on, not before")
        return self._pyflink_context

    def setRuntimeContext(self, context: RuntimeContext) -> None:
        """Called by the runtime."""
        self._pyflink_context = context

    def getIterationRuntimeContext(self) -> RuntimeContext:
        """The same as `getRuntimeContext`."""
        return self.getRuntimeContext()


class AbstractRichFunction(RichFunction):
    """The same as `RichFunction`."""


class MapFunction(Function, Generic[IN, OUT]):
    """One result for each element: define `map(self, value)`."""

    def map(self, value: IN) -> OUT:
        """Returns the result for an element."""
        raise NotImplementedError(f"{type(self).__name__} must define map(self, value)")


class FlatMapFunction(Function, Generic[IN, OUT]):
    """Any number of results for each element: define `flatMap(self, value, collector)`."""

    def flatMap(self, value: IN, collector: Collector[OUT]) -> Any:
        """Gives the results for an element by `collector.collect(result)`, or yields them."""
        raise NotImplementedError(f"{type(self).__name__} must define flatMap(self, value, collector)")


class FilterFunction(Function, Generic[T]):
    """Keeps some elements: define `filter(self, value)`."""

    def filter(self, value: T) -> bool:
        """Returns whether the element is kept."""
        raise NotImplementedError(f"{type(self).__name__} must define filter(self, value)")


class ReduceFunction(Function, Generic[T]):
    """Makes one element of two: define `reduce(self, value1, value2)`."""

    def reduce(self, value1: T, value2: T) -> T:
        """Returns the combination of the reduction so far and the next element."""
        raise NotImplementedError(f"{type(self).__name__} must define reduce(self, value1, value2)")


class RichMapFunction(MapFunction[IN, OUT], RichFunction):
    """A `MapFunction` with `open` and `close`."""


class RichFlatMapFunction(FlatMapFunction[IN, OUT], RichFunction):
    """A `FlatMapFunction` with `open` and `close`."""


class RichFilterFunction(FilterFunction[T], RichFunction):
    """A `FilterFunction` with `open` and `close`."""


class RichReduceFunction(ReduceFunction[T], RichFunction):
    """A `ReduceFunction` with `open` and `close`."""

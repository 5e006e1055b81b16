"""Functions of windows."""

from __future__ import annotations

from typing import Any, Generic, Sequence, TypeVar, Union

from _pyflink.windows import GlobalWindow, TimeWindow
from org.apache.flink.api.common.functions import Collector, Function, RichFunction

IN = TypeVar("IN")
OUT = TypeVar("OUT")
KEY = TypeVar("KEY")


class WindowFunction(Function, Generic[IN, OUT, KEY]):
    """Any number of results for the window of a key: define `apply(self, key, window, values, collector)`."""

    def apply(
        self, key: KEY, window: Union[TimeWindow, GlobalWindow], values: Sequence[IN], collector: Collector[OUT]
    ) -> Any:
        """Gives the results for a window by `collector.collect(result)`, or yields them."""
        raise NotImplementedError(f"{type(self).__name__} must define apply(self, key, window, values, collector)")


class RichWindowFunction(WindowFunction[IN, OUT, KEY], RichFunction):
    """A `WindowFunction` with `open` and `close`."""

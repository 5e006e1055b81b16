"""Sinks that are written in Python."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from org.apache.flink.api.common.functions import Function, RichFunction

T = TypeVar("T")


class SinkFunction(Function, Generic[T]):
    """Takes each element: define `invoke(self, value)` or `invoke(self, value, context)`."""

    def invoke(self, value: T, context: Any = None) -> None:
        """Takes an element."""
        raise NotImplementedError(f"{type(self).__name__} must define invoke(self, value)")


class RichSinkFunction(SinkFunction[T], RichFunction):
    """A `SinkFunction` with `open` and `close`."""

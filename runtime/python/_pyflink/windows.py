"""The windows that `apply` is handed."""

from __future__ import annotations


class TimeWindow:
    """A time window: from `start` up to but not including `end`, in milliseconds since the epoch."""

    __slots__ = ("start", "end")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def getStart(self) -> int:
        """The first millisecond that belongs to the window."""
        return self.start

    def getEnd(self) -> int:
        """The first millisecond that no longer belongs to the window."""
        return self.end

    def maxTimestamp(self) -> int:
        """The last millisecond that belongs to the window."""
        return self.end - 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeWindow) and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __repr__(self) -> str:
        return f"TimeWindow{{start={self.start}, end={self.end}}}"


class GlobalWindow:
    """The window of count windows: it has no time, so no start and no end."""

    __slots__ = ()

    def maxTimestamp(self) -> int:
        """2**63 - 1: it never ends by time."""
        return 2**63 - 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GlobalWindow)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "GlobalWindow"

"""Lengths of time."""

from __future__ import annotations

from typing import Any


class Time:
    """A length of time, in whole milliseconds: `Time.seconds(5)`."""

    __slots__ = ("_milliseconds",)

    def __init__(self, milliseconds: int) -> None:
        if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
            raise TypeError(f"a time is a whole number, not {milliseconds!r}")
        self._milliseconds = milliseconds

    @staticmethod
    def milliseconds(milliseconds: int) -> "Time":
        """So many milliseconds."""
        return Time(milliseconds)

    @staticmethod
    def seconds(seconds: int) -> "Time":
        """So many seconds."""
        return _times(seconds, 1000)

    @staticmethod
    def minutes(minutes: int) -> "Time":
        """So many minutes."""
        return _times(minutes, 60 * 1000)

    @staticmethod
    def hours(hours: int) -> "Time":
        """So many hours."""
        return _times(hours, 60 * 60 * 1000)

    @staticmethod
    def days(days: int) -> "Time":
        """So many days."""
        return _times(days, 24 * 60 * 60 * 1000)

    @staticmethod
    def of(size: int, unit: Any = None) -> "Time":
        """So many of a `java.util.concurrent.TimeUnit`, milliseconds if none is given."""
        return _times(size, 1 if unit is None else unit.milliseconds)

    def toMilliseconds(self) -> int:
        """The length in milliseconds."""
        return self._milliseconds

    getSize = toMilliseconds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and self._milliseconds == other._milliseconds

    def __hash__(self) -> int:
        return hash(self._milliseconds)

    def __repr__(self) -> str:
        return f"{self._milliseconds} ms"


def _times(number: int, milliseconds: int) -> Time:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"a time is a whole number, not {number!r}")
    return Time(number * milliseconds)


__all__ = ["Time"]

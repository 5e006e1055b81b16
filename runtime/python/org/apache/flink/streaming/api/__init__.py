"""Choices that an environment offers."""

from __future__ import annotations

import enum


class TimeCharacteristic(enum.Enum):
    """Where the time of windows comes from."""

    #: The clock of the machine, when an element is processed.
    ProcessingTime = 0
    #: The same clock, when an element enters at its source.
    IngestionTime = 1
    #: The elements themselves; it isn't there yet.
    EventTime = 2


class CheckpointingMode(enum.Enum):
    """How often an element may count after a restart."""

    EXACTLY_ONCE = 0
    AT_LEAST_ONCE = 1


__all__ = ["CheckpointingMode", "TimeCharacteristic"]

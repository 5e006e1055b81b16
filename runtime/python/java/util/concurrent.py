"""`java.util.concurrent`: units of time."""

from __future__ import annotations

import enum


class TimeUnit(enum.Enum):
    """Units for `Time.of(5, TimeUnit.SECONDS)`."""

    MILLISECONDS = 1
    SECONDS = 1000
    MINUTES = 60 * 1000
    HOURS = 60 * 60 * 1000
    DAYS = 24 * 60 * 60 * 1000

    @property
    def milliseconds(self) -> int:
        """The unit in milliseconds."""
        return self.value


__all__ = ["TimeUnit"]

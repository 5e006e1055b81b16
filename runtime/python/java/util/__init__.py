"""`java.util`: what scripts written for Jython import."""

from __future__ import annotations

from typing import Any, Optional, Set


class NoSuchElementException(Exception):
    """Raised by iterators that have nothing more."""


class Properties(dict):
    """Keys and values as text."""

    def setProperty(self, key: str, value: str) -> Optional[str]:
        """Sets a value; returns the one before."""
        before = self.get(key)
        self[key] = value
        return before

    def getProperty(self, key: str, default: Optional[str] = None) -> Optional[str]:
        """The value, or the default."""
        value: Any = self.get(key)
        return default if value is None else value

    def put(self, key: str, value: Any) -> Any:
        """Sets a value; returns the one before."""
        return self.setProperty(key, value)

    def containsKey(self, key: str) -> bool:
        """Whether there is a value for the key."""
        return key in self

    def stringPropertyNames(self) -> Set[str]:
        """All keys."""
        return set(self)


__all__ = ["NoSuchElementException", "Properties"]

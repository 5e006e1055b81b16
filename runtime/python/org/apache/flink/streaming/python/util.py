"""Iterators as Jython scripts write them."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class PythonIterator(Generic[T]):
    """Elements for `from_collection`: define `hasNext(self)` and `next(self)`."""

    def hasNext(self) -> bool:
        """Whether there is another element."""
        raise NotImplementedError(f"{type(self).__name__} must define hasNext(self)")

    def next(self) -> T:
        """The next element."""
        raise NotImplementedError(f"{type(self).__name__} must define next(self)")

"""Output selectors."""

from __future__ import annotations

from typing import Generic, Iterable, Optional, TypeVar, Union

from org.apache.flink.api.common.functions import Function

T = TypeVar("T")


class OutputSelector(Function, Generic[T]):
    """The names that an element goes under: define `select(self, value)`."""

    def select(self, value: T) -> Optional[Union[str, Iterable[str]]]:
        """Returns one name or several; with None or nothing, the element goes nowhere."""
        raise NotImplementedError(f"{type(self).__name__} must define select(self, value)")

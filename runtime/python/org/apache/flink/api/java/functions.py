"""Key selectors."""

from __future__ import annotations

from typing import Generic, TypeVar

from org.apache.flink.api.common.functions import Function

T = TypeVar("T")
K = TypeVar("K")


class KeySelector(Function, Generic[T, K]):
    """The key of an element: define `getKey(self, value)`."""

    def getKey(self, value: T) -> K:
        """Returns the element's key: anything that can be the key of a dict."""
        raise NotImplementedError(f"{type(self).__name__} must define getKey(self, value)")

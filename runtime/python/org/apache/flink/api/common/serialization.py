"""Schemas: elements to bytes and back."""

from __future__ import annotations

from typing import Generic, TypeVar, Union

T = TypeVar("T")


class SerializationSchema(Generic[T]):
    """Elements to bytes: define `serialize(self, value)`."""

    def serialize(self, value: T) -> Union[bytes, str]:
        """Returns bytes, or a str that is encoded as UTF-8."""
        raise NotImplementedError(f"{type(self).__name__} must define serialize(self, value)")


class DeserializationSchema(Generic[T]):
    """Bytes to elements: define `deserialize(self, data)`."""

    def deserialize(self, data: bytes) -> T:
        """Returns the element that the bytes stand for."""
        raise NotImplementedError(f"{type(self).__name__} must define deserialize(self, data)")

    def isEndOfStream(self, value: T) -> bool:
        """Returns whether the stream ends with this element."""
        return False


class SimpleStringSchema(SerializationSchema[str], DeserializationSchema[str]):
    """Text as UTF-8."""

    def serialize(self, value: str) -> bytes:
        return str(value).encode()

    def deserialize(self, data: bytes) -> str:
        return data.decode()

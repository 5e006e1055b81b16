"""Standard output of a running script: what functions print and what sinks print go through one writer, in one order.

`install` puts a `StandardOutput` in the place of ``sys.stdout``. Text written while an operator works on an element is
kept by the engine until it is that element's turn; everything else goes out as it comes.
"""

from __future__ import annotations

import io
import sys
from typing import Any, Callable, Iterable

from _pyflink.chains import FILE_NAME


class StandardOutput(io.TextIOBase):
    """A text stream whose text, as UTF-8, goes to the engine: `emit(data, line)`, `line` being that of the generated code."""

    encoding = "utf-8"
    errors = "strict"
    newlines = None
    name = "<stdout>"
    mode = "w"

    def __init__(self, emit: Callable[[bytes, int], None], flush: Callable[[], None]) -> None:
        self._emit = emit
        self._flush = flush
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        # Encoded here: what UTF-8 can't hold is an error of the caller, as on any standard output.
        self.write_bytes(text.encode())
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Hands bytes to the engine, with the place in generated code that they come from."""
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != FILE_NAME:
            frame = frame.f_back
        self._emit(data, 0 if frame is None else frame.f_lineno)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return sys.__stdout__ is not None and sys.__stdout__.isatty()

    def fileno(self) -> int:
        return 1

    def close(self) -> None:
        """Standard output stays open for the engine; closing it from a script only flushes."""
        self._flush()

    def reconfigure(self, **_options: Any) -> None:
        """Accepted for scripts that set an encoding: it is always UTF-8."""


class _Bytes(io.RawIOBase):
    """``sys.stdout.buffer``: bytes, passed on as they are."""

    def __init__(self, text: StandardOutput) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        data = bytes(data)
        self._text.write_bytes(data)
        return len(data)

    def flush(self) -> None:
        self._text.flush()


def install(emit: Callable[[bytes, int], None], flush: Callable[[], None]) -> None:
    """Takes over ``sys.stdout``."""
    sys.stdout = StandardOutput(emit, flush)

"""The recorder's graph: one node for each call that made a stream or a sink."""

from __future__ import annotations

import sys
from typing import Any, Optional

#: Packages whose frames are never "the script".
_OWN = ("_pyflink", "org.apache.flink", "java.util")


class Node:
    """A recorded call. Kinds and names of arguments are those of the plan's operators."""

    __slots__ = ("id", "kind", "inputs", "args", "parallelism", "name", "iteration", "file", "line")

    def __init__(self, id: int, kind: str, inputs: list[int], args: dict[str, Any], parallelism: Optional[int]) -> None:
        self.id = id
        self.kind = kind
        self.inputs = inputs
        self.args = args
        #: None is the configuration's default.
        self.parallelism = parallelism
        self.name: Optional[str] = None
        #: For ``close_with``: the head of the loop.
        self.iteration: Optional[int] = None
        self.file, self.line = caller()


def caller() -> tuple[str, int]:
    """File and line of the innermost frame that is not of this package."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not any(module == own or module.startswith(own + ".") for own in _OWN):
            return frame.f_code.co_filename, frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "<unknown>", 0

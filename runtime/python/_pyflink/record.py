"""`pyflink-compile --record`: takes the graph from what `main` calls, and runs nothing."""

from __future__ import annotations

import inspect
import json
from typing import Any, Dict, List, Optional, Tuple

from _pyflink import functions
from _pyflink.graph import Node, caller

#: Arguments longer than this are not worth keeping in a plan.
_LONGEST = 1000


class Recorder:
    """A backend that notes each job."""

    def __init__(self) -> None:
        self.jobs: List[Dict[str, Any]] = []

    def execute(self, nodes: List[Node], since: int, name: Optional[str]) -> Tuple[str, int]:
        """Notes a job. Nothing runs, so there is no id and no time."""
        file, line = caller()
        described = [_node(node) for node in nodes]
        self.jobs.append({"name": name, "file": file, "line": line, "since": since, "nodes": described})
        return "0" * 32, 0

    def to_json(self) -> str:
        """All jobs so far, for the compiler."""
        return json.dumps({"jobs": self.jobs})


def _node(node: Node) -> Dict[str, Any]:
    return {
        "kind": node.kind,
        "inputs": node.inputs,
        "parallelism": node.parallelism,
        "name": node.name,
        "iteration": node.iteration,
        "file": node.file,
        "line": node.line,
        "args": {name: _argument(node.kind, name, value) for name, value in node.args.items()},
    }


def _argument(kind: str, name: str, value: Any) -> Dict[str, Any]:
    if name in ("function", "schema"):
        return {"function": _function(kind, value)}
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        return {"opaque": True}
    return {"known": value} if len(text) <= _LONGEST and _survives(value) else {"opaque": True}


def _survives(value: Any) -> bool:
    """True if a value is the same after a way through JSON."""
    if isinstance(value, list):
        return all(_survives(item) for item in value)
    return value is None or isinstance(value, (bool, int, str))


def _function(kind: str, value: Any) -> Dict[str, Any]:
    method = functions.SIGNATURES[kind].method
    called = getattr(value, method, None)
    is_object = callable(called)
    code = getattr(inspect.unwrap(called if is_object else value), "__code__", None)
    return {
        "name": type(value).__name__ if is_object else getattr(value, "__name__", type(value).__name__),
        "method": method if is_object else "",
        "file": code.co_filename if code else "",
        "line": code.co_firstlineno if code else 0,
    }

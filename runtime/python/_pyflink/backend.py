"""Where `Environment.execute` goes to. The runtime puts its own function here before `main` runs."""

from __future__ import annotations

from typing import Callable, Optional

from _pyflink.graph import Node


def _nothing(nodes: list[Node], since: int, name: Optional[str]) -> tuple[str, int]:
    raise RuntimeError("there is no runtime here: run the script with pyflink-stream, or its plan with pyflink-run")


#: Runs what was recorded from index `since` on; returns the job's id and its run time in milliseconds.
execute: Callable[[list[Node], int, Optional[str]], tuple[str, int]] = _nothing

#: With `--record`: what notes the jobs (see `record.py`).
recorder: object = None

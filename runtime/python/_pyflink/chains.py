"""Generated Python: one function per chain of operators, a loop over a batch with the user's functions as locals.

The call of a user's function is what costs, so nothing else is called per element. The generated code has the file
name ``<chain>``; its line numbers tell which operator is at work, to tracebacks and to the capture of what functions
print (see ``output.py``).
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Iterable, NamedTuple, Optional

#: ``co_filename`` of generated code.
FILE_NAME = "<chain>"


class Collector:
    """What ``flatMap`` and ``apply`` are handed: ``collect(value)`` gives a result."""

    __slots__ = ("collect",)

    def __init__(self, collect: Callable[[Any], None]) -> None:
        self.collect = collect

    def close(self) -> None:
        """Part of Flink's interface; there is nothing to close."""


class Step(NamedTuple):
    """One operator of a chain."""

    operator: int
    kind: str
    #: See ``functions.Bound.style``.
    style: str
    #: One callable per subtask.
    calls: list
    #: For ``select``: the names that are let through.
    names: Optional[frozenset]
    #: What hands results on as they are now, and collects them so, if the function may change them later; of functions
    #: whose elements go on, what copies those, if they may keep what they were handed.
    detach: Optional[Callable] = None
    detaching: Optional[type] = None


class Chain(NamedTuple):
    """A generated function and what the engine has to know of it."""

    #: ``run(rows, subtasks, side_in, out, ends, side)``: reads the iterator ``rows`` (and the lists of subtasks and of
    #: select names beside it), appends results to ``out``, after each row ``len(out)`` to ``ends``, and keys or select
    #: names of the results to ``side``.
    run: Callable[..., None]
    #: Operator at work at each line of the generated code.
    lines: dict
    #: True if ``ends`` is filled; otherwise each row gives exactly one result.
    expands: bool
    #: Operators whose results go straight to ``out``, so that a failure leaves part of a row's results there.
    collects: int


def names_of(selected: Any) -> tuple:
    """What an output selector returned, as the names it stands for."""
    if selected is None:
        return ()
    if isinstance(selected, str):
        return (selected,)
    try:
        return tuple(selected)
    except TypeError:
        raise TypeError(f"select() must return a str or an iterable of them, not {type(selected).__name__}") from None


def build(steps: Iterable[Step], parallel: bool) -> Chain:
    """Generates the function of a chain. `parallel`: rows come with their subtasks."""
    steps = list(steps)
    code = _Code()
    expands = any(step.kind in ("filter", "flat_map", "select") for step in steps)
    collects = steps[-1].operator if steps[-1].kind == "flat_map" else -1
    variables, iterables = ["v"], ["rows"]
    if parallel:
        variables, iterables = variables + ["s"], iterables + ["subtasks"]
    if steps[0].kind == "select":
        variables, iterables = variables + ["n"], iterables + ["side_in"]
    rows = iterables[0] if len(iterables) == 1 else f"zip({', '.join(iterables)})"
    code.add(f"for {', '.join(variables)} in {rows}:")
    code.depth += 1
    loop = code.depth
    for at, step in enumerate(steps):
        code.operator = step.operator
        function = code.constant(f"f{at}", step.calls if parallel or not step.calls else step.calls[0])
        call = f"{function}[s]" if parallel else function
        copy = None if step.detach is None else code.constant(f"d{at}", step.detach)
        hands_on = step.kind in ("filter", "key_by", "split")
        if step.kind == "map":
            result = f"{call}(v)"
            if copy is not None:
                result = f"{copy}({result})"
            code.add(f"v = {result}")
        elif step.kind == "filter":
            code.add(f"if {call}(v):")
            code.depth += 1
        elif step.kind == "select":
            code.add(f"if not {code.constant(f'w{at}', step.names)}.isdisjoint(n):")
            code.depth += 1
        elif step.kind == "key_by":
            code.add(f"side.append({call}(v))")
        elif step.kind == "split":
            code.add(f"side.append({code.constant('names_of', names_of)}({call}(v)))")
        elif step.kind == "flat_map":
            results = "out" if step.operator == collects else f"b{at}"
            if results != "out":
                code.before(f"{results} = []")
            into = results
            if step.detaching is not None:
                into = f"i{at}"
                code.before(f"{into} = {code.constant(f'D{at}', step.detaching)}({results})")
            code.before(f"c{at} = {code.constant('Collector', Collector)}({into}.append)")
            result = f"{call}(v, c{at})" if step.style == "collector" else f"{call}(v)"
            if step.detaching is not None:
                code.add(f"{into}.extend({result})")
            else:
                code.add(f"r = {result}")
                code.add(f"if r is not None: {results}.extend(r)")
            if results != "out":
                code.add(f"for v in {code.constant('take', _take)}({results}):")
                code.depth += 1
        else:
            raise ValueError(f"{step.kind} does not belong into a chain")
        if hands_on and copy is not None:
            code.add(f"v = {copy}(v)")
    code.operator = None
    if collects < 0:
        code.before("append = out.append")
        code.add("append(v)")
    if expands:
        code.depth = loop
        code.add("ends.append(len(out))")
    run, lines = code.compile()
    return Chain(run, lines, expands, collects)


def _take(buffer: list) -> list:
    values = buffer.copy()
    buffer.clear()
    return values


class _Code:
    """Lines of the generated function and the operators they belong to."""

    def __init__(self) -> None:
        self.depth = 2
        self.operator: Optional[int] = None
        self._constants: dict = {}
        self._before: list = []
        self._body: list = []

    def constant(self, name: str, value: Any) -> str:
        """Makes a value known to the code under a name."""
        self._constants[name] = value
        return name

    def before(self, text: str) -> None:
        """A line ahead of the loop."""
        self._before.append("        " + text)

    def add(self, text: str) -> None:
        """A line at the depth and for the operator that are set."""
        self._body.append(("    " * self.depth + text, self.operator))

    def compile(self) -> tuple:
        head = [f"def make({', '.join(self._constants)}):", "    def run(rows, subtasks, side_in, out, ends, side):"]
        start = head + self._before
        text = "\n".join(start + [line for line, _ in self._body] + ["    return run", ""])
        lines = {len(start) + at + 1: operator for at, (_, operator) in enumerate(self._body) if operator is not None}
        namespace: dict = {}
        exec(compile(text, FILE_NAME, "exec"), namespace)
        return namespace["make"](**self._constants), lines


def failure(error: BaseException) -> tuple:
    """Line of the generated code at which an exception passed through it, and the element there; or (0, None)."""
    line, element = 0, None
    traceback: Optional[TracebackType] = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE_NAME:
            line, element = traceback.tb_lineno, traceback.tb_frame.f_locals.get("v")
            break
        traceback = traceback.tb_next
    return line, element

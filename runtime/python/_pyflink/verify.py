"""`--verify`: compares what machine code gave for a row with what CPython gives, and shows how to reproduce a difference."""

from __future__ import annotations

import ast
import enum
import linecache
import sys
import types
from typing import Any, Callable, Iterator, List, NamedTuple, Optional, Set, Tuple

from _pyflink.errors import JobExecutionException


class Step(NamedTuple):
    """A function that was compared."""

    #: The call of the API.
    kind: str
    #: For people: `map (Scale.map) at job.py:12`.
    title: str
    call: Callable


def same(a: Any, b: Any) -> bool:
    """True if two values can't be told apart by what is in them: types, order in dicts, signs of zeros; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, (set, frozenset)):
        return a == b and same(sorted(map(repr, a)), sorted(map(repr, b)))
    if hasattr(a, "__dict__"):
        return a is b or same(vars(a), vars(b))
    slots = _slots(type(a))
    if slots:
        return a is b or all(same(getattr(a, name, None), getattr(b, name, None)) for name in slots)
    return bool(a == b)


def _slots(of: type) -> List[str]:
    """Attributes of objects without a `__dict__`."""
    return [
        name
        for base in reversed(of.__mro__)
        for name, item in vars(base).items()
        if isinstance(item, types.MemberDescriptorType) and base.__module__ != "builtins"
    ]


def _attributes(value: Any) -> dict:
    if hasattr(value, "__dict__"):
        return vars(value)
    return {name: getattr(value, name) for name in _slots(type(value)) if hasattr(value, name)}


def check(
    steps: List[Step], elements: List[Any], native: List[Any], python: List[Any], error: Optional[BaseException] = None
) -> None:
    """Raises if two lists of results differ, or if CPython raised `error` instead. A result of `reduce` is one of a list."""
    if error is None and same(native, python):
        return
    given = f"raises {type(error).__name__}: {error}" if error is not None else f"gives {_listed(python)}"
    lines = ["machine code and CPython differ"]
    lines += [f"  in {step.title}" for step in steps]
    lines += [f"  for {_listed(elements)}", f"  machine code gives {_listed(native)}", f"  CPython {given}"]
    lines.append("This is a mistake of the compiler, or something unseen changes what the functions use. To run the job without")
    lines.append("machine code: --functions python. To reproduce it, give this script to pyflink-stream --verify 100:")
    lines += ["", script(steps, elements)]
    raise JobExecutionException("\n".join(lines).rstrip())


def _listed(values: List[Any]) -> str:
    return ", ".join(f"{_shown(value)} ({type(value).__name__})" for value in values) or "nothing"


def _shown(value: Any) -> str:
    text = repr(value)
    if type(value).__repr__ is object.__repr__:
        fields = ", ".join(f"{name}={item!r}" for name, item in _attributes(value).items())
        text = f"{type(value).__name__}({fields})"
    return text if len(text) <= 1000 else text[:1000] + "…"


def script(steps: List[Step], elements: List[Any]) -> str:
    """A script that calls the functions with the elements."""
    case = _Case()
    calls = []
    for step in steps:
        calls.append((step.kind, case.function(step.call)))
    if steps[0].kind == "window_apply":
        key, window, values = elements
        given = ", ".join(map(case.value, values))
        size = f"count_window({len(values)})"
        if hasattr(window, "start"):
            case.imports.append("from org.apache.flink.streaming.api.windowing.time import Time")
            size = f"time_window(Time.milliseconds({window.end - window.start}))"
        chain = f".key_by(lambda _: {case.value(key)}).{size}.apply({calls[0][1]})"
    elif steps[0].kind in ("reduce", "window_reduce"):
        given = ", ".join(map(case.value, elements))
        chain = f".key_by(lambda _: 0).reduce({calls[0][1]})"
    else:
        given = ", ".join(map(case.value, elements))
        chain = "".join(_call(kind, function) for kind, function in calls)
    main = [
        "def main(factory):",
        "    env = factory.get_execution_environment()",
        f"    stream = env.from_elements({given})",
        f"    stream{chain}.output()",
        "    env.execute()",
    ]
    return "\n".join(case.text() + main) + "\n"


def _call(kind: str, function: str) -> str:
    # Keys and names are seen in what follows them.
    behind = {"key_by": ".reduce(lambda a, b: b)", "split": ".select('')"}
    return f".{kind}({function}){behind.get(kind, '')}"


#: Makes an object without calling `__init__`.
_MAKE = """def make(cls, **attributes):
    made = cls.__new__(cls)
    made.__dict__.update(attributes)
    return made"""

#: The same for a class with `__slots__`.
_FILL = """def fill(cls, **attributes):
    made = cls.__new__(cls)
    for name, value in attributes.items():
        getattr(cls, name).__set__(made, value)
    return made"""


class _Case:
    """Collects what a script needs: imports, definitions, values."""

    def __init__(self) -> None:
        self.imports: List[str] = []
        self._definitions: List[Tuple[str, int, str]] = []
        self._makers: Set[str] = set()
        self._extra: List[str] = []

    def text(self) -> List[str]:
        parts = list(dict.fromkeys(self.imports))
        parts += [text for _, _, text in sorted(set(self._definitions))]
        parts += sorted(self._makers, reverse=True)
        parts += list(dict.fromkeys(self._extra))
        return [line for part in parts for line in (part, "")] + [""]

    def value(self, value: Any) -> str:
        """An expression for a value."""
        if isinstance(value, float) and repr(value) in ("nan", "inf", "-inf"):
            return f"float('{value!r}')"
        if type(value) is tuple:
            inner = ", ".join(map(self.value, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):
            return f"{self._class(type(value))}({', '.join(map(self.value, value))})"
        if isinstance(value, enum.Enum):
            return f"{self._class(type(value))}.{value.name}"
        if type(value) in (list, set) and value:
            opening, closing = ("[", "]") if type(value) is list else ("{", "}")
            return opening + ", ".join(map(self.value, value)) + closing
        if type(value) is dict:
            return "{" + ", ".join(f"{self.value(key)}: {self.value(item)}" for key, item in value.items()) + "}"
        if isinstance(value, (types.FunctionType, type)):
            return self.function(value) if isinstance(value, types.FunctionType) else self._class(value)
        attributes = _attributes(value)
        if type(value).__module__ != "builtins" and (attributes or hasattr(value, "__dict__")):
            maker = _MAKE if hasattr(value, "__dict__") else _FILL
            self._makers.add(maker)
            fields = "".join(f", {name}={self.value(item)}" for name, item in attributes.items() if name.isidentifier())
            return f"{'make' if maker is _MAKE else 'fill'}({self._class(type(value))}{fields})"
        return repr(value)

    def function(self, call: Callable) -> str:
        """An expression for a function, whose definition is put to the script."""
        function = getattr(call, "__func__", call)
        if not isinstance(function, types.FunctionType):
            return getattr(call, "__name__", repr(call))
        target = getattr(call, "__self__", None)
        if target is not None:
            return self.value(target)
        tree, lines = _module(function.__code__.co_filename)
        node = _find(tree, function)
        if node is None:
            return function.__name__
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            self._extra.append(f"{name} = {self.value(cell.cell_contents)}")
        self._needs(tree, lines, function.__code__.co_filename, _names(node))
        text = ast.get_source_segment("".join(lines), node) or ""
        if isinstance(node, ast.Lambda):
            return text
        if node not in tree.body:
            indent = node.col_offset
            cut = [line[indent:] if not line[:indent].strip() else line for line in lines[node.lineno - 1 : node.end_lineno]]
            self._extra.append("".join(cut).rstrip())
        else:
            self._needs(tree, lines, function.__code__.co_filename, {node.name})
        return function.__name__

    def _class(self, of: type) -> str:
        file = getattr(sys.modules.get(of.__module__), "__file__", None)
        if file is None:
            sources = (item.__code__ for item in vars(of).values() if isinstance(item, types.FunctionType))
            file = next((source.co_filename for source in sources if source.co_filename[:1] != "<"), None)
        if file is not None:
            tree, lines = _module(file)
            self._needs(tree, lines, file, {of.__qualname__.split(".")[0]})
        return of.__qualname__

    def _needs(self, tree: ast.Module, lines: List[str], file: str, names: Set[str]) -> None:
        """Takes over the statements of a module that define the names, and what those need."""
        wanted, known = set(names), set()
        while wanted - known:
            name = (wanted - known).pop()
            known.add(name)
            for statement in tree.body:
                if name != "main" and name in _defines(statement):
                    first = min([statement.lineno] + [one.lineno for one in getattr(statement, "decorator_list", [])])
                    text = "".join(lines[first - 1 : statement.end_lineno]).rstrip()
                    self._definitions.append((file, first, text))
                    wanted |= _names(statement)


def _module(file: str) -> Tuple[ast.Module, List[str]]:
    lines = linecache.getlines(file)
    return ast.parse("".join(lines)), lines


def _find(tree: ast.Module, function: types.FunctionType) -> Optional[Any]:
    """The definition of a function in its module."""
    code = function.__code__
    kinds = (ast.Lambda,) if function.__name__ == "<lambda>" else (ast.FunctionDef,)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, kinds):
            first = min([node.lineno] + [one.lineno for one in getattr(node, "decorator_list", [])])
            if first == code.co_firstlineno:
                found.append(node)
    alike = [node for node in found if isinstance(node, ast.Lambda) and _compiled(node) == _content(code)]
    return next(iter(alike + found), None)


def _compiled(node: ast.Lambda) -> Any:
    whole = compile(ast.Expression(node), "<lambda>", "eval")
    return next((_content(code) for code in whole.co_consts if isinstance(code, types.CodeType)), None)


def _content(code: types.CodeType) -> Any:
    return code.co_code, code.co_names, code.co_varnames, repr([c for c in code.co_consts if not isinstance(c, types.CodeType)])


def _names(node: ast.AST) -> Set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _defines(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id

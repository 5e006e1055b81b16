"""Functions that scripts pass: what is called of them, how, and one copy for each subtask."""

from __future__ import annotations

import copy
import inspect
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional

from _pyflink.context import Configuration, RuntimeContext
from _pyflink.errors import JobExecutionException
from _pyflink.graph import Node


class Signature(NamedTuple):
    """How an operator calls its function."""

    #: Method of a function object.
    method: str
    #: Names of what it is called with, longest form first. A shorter form is accepted where it stands here.
    forms: tuple
    #: Styles of the forms, see `Bound.style`.
    styles: tuple
    #: What the class of such an object is called.
    base: str
    #: Form of a plain function, where it differs from a method's.
    plain_forms: Optional[tuple] = None
    plain_styles: Optional[tuple] = None


_VALUE = (("value",),)
_PAIR = (("a", "b"),)
_APPLY = (("key", "window", "values", "collector"), ("key", "window", "values"))

SIGNATURES = {
    "map": Signature("map", _VALUE, ("value",), "MapFunction"),
    "flat_map": Signature("flatMap", (("value", "collector"), ("value",)), ("collector", "value"), "FlatMapFunction"),
    "filter": Signature("filter", _VALUE, ("value",), "FilterFunction"),
    "key_by": Signature("getKey", _VALUE, ("value",), "KeySelector"),
    "split": Signature("select", _VALUE, ("value",), "OutputSelector"),
    "reduce": Signature("reduce", _PAIR, ("value",), "ReduceFunction"),
    "window_reduce": Signature("reduce", _PAIR, ("value",), "ReduceFunction"),
    "window_apply": Signature("apply", _APPLY, ("collector", "value"), "WindowFunction"),
    "create_python_source": Signature(
        "run", (("ctx",),), ("context",), "SourceFunction", (("ctx",), ()), ("context", "generator")
    ),
    "add_sink": Signature(
        "invoke", (("value", "context"), ("value",)), ("context", "value"), "SinkFunction", _VALUE, ("value",)
    ),
    "write_to_socket": Signature("serialize", _VALUE, ("value",), "SerializationSchema"),
}

#: Operators whose function is not the argument ``function``.
_ARGUMENTS = {"write_to_socket": "schema"}


class Bound:
    """A function object of one subtask, ready to be called."""

    __slots__ = ("target", "call", "style", "rich", "context")

    def __init__(self, target: Any, call: Callable, style: str, context: RuntimeContext) -> None:
        self.target = target
        #: What the engine calls.
        self.call = call
        #: "value": with the elements only. "collector": with a collector as the last argument. "context": with a
        #: context. "generator": without arguments; gives an iterable.
        self.style = style
        self.context = context
        # Late, as the public modules import this one.
        from org.apache.flink.api.common.functions import RichFunction

        self.rich = isinstance(target, RichFunction)

    def open(self) -> None:
        if self.rich:
            self.target.setRuntimeContext(self.context)
            self.target.open(Configuration())

    def close(self) -> None:
        if self.rich:
            self.target.close()

    def cancel(self) -> None:
        cancel = getattr(self.target, "cancel", None)
        if callable(cancel):
            cancel()


def check(kind: str, function: Any) -> None:
    """Raises a `TypeError` that says what is wrong with a function passed to an operator."""
    _resolve(kind, function)


def bind(nodes: list[Node], parallelism: list[int]) -> list[list[Bound]]:
    """The functions of a job, one for each subtask of each node: as it is where there is one, else a deep copy each."""
    uses: dict[int, int] = {}
    for node, subtasks in zip(nodes, parallelism):
        function = _function(node)
        if function is not None:
            uses[id(function)] = uses.get(id(function), 0) + subtasks
    return [_bind(node, subtasks, uses) for node, subtasks in zip(nodes, parallelism)]


def _function(node: Node) -> Any:
    return node.args.get(_ARGUMENTS.get(node.kind, "function")) if node.kind in SIGNATURES else None


def _bind(node: Node, subtasks: int, uses: dict[int, int]) -> list[Bound]:
    function = _function(node)
    if function is None:
        return []
    bound = []
    for index in range(subtasks):
        instance = function if uses[id(function)] == 1 else _copied(node, function)
        call, style = _resolve(node.kind, instance)
        bound.append(Bound(instance, call, style, RuntimeContext(node.name or node.kind, index, subtasks)))
    return bound


def _copied(node: Node, function: Any) -> Any:
    try:
        return copy.deepcopy(function)
    except Exception as error:
        raise JobExecutionException(
            f"{node.name or node.kind} at {node.file}:{node.line}: {_title(function)} is used by several operators or "
            f"subtasks, so each needs a copy of its own, but it can't be copied: {error}. Create what can't be copied "
            f"in open(), or pass an object of its own to each operator"
        ) from None


def _title(function: Any) -> str:
    if inspect.isclass(function):
        return function.__name__
    return getattr(function, "__qualname__", None) or type(function).__name__


def _resolve(kind: str, function: Any) -> tuple[Callable, str]:
    signature = SIGNATURES[kind]
    if inspect.isclass(function) and _is_function_class(function, signature):
        raise TypeError(
            f"{_caller(kind)} takes an object, not the class {function.__name__}: write {function.__name__}()"
        )
    method = None if inspect.isclass(function) else getattr(function, signature.method, None)
    if method is not None and callable(method):
        title = f"{type(function).__name__}.{signature.method}"
        return method, _style(kind, method, title, signature.forms, signature.styles)
    if not callable(function):
        hint = f"; write {_caller(kind)[:-2]}(lambda value: value[{function}])" if kind == "key_by" else ""
        if isinstance(function, (int, str)) or function is None:
            raise TypeError(f"{_caller(kind)} takes a {signature.base} or a function, not {function!r}{hint}")
        raise TypeError(
            f"{type(function).__name__} has no method {signature.method}, which {_caller(kind)} calls: "
            f"derive it from {signature.base} and define {signature.method}"
        )
    forms = signature.plain_forms if signature.plain_forms is not None else signature.forms
    styles = signature.plain_styles if signature.plain_styles is not None else signature.styles
    return function, _style(kind, function, _title(function), forms, styles)


def _is_function_class(function: type, signature: Signature) -> bool:
    """True for a class whose instance was meant; any other, as `int`, is a plain function."""
    from org.apache.flink.api.common.functions import Function

    return issubclass(function, Function) or hasattr(function, signature.method)


def _caller(kind: str) -> str:
    return {"window_reduce": "reduce", "window_apply": "apply"}.get(kind, kind) + "()"


def _style(kind: str, call: Callable, title: str, forms: tuple, styles: tuple) -> str:
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        # A callable written in C that tells nothing: the shortest form is the one such a function can have.
        return styles[-1]
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(p.default is p.empty for p in positional)
    most = float("inf") if any(p.kind == p.VAR_POSITIONAL for p in parameters) else len(positional)
    named = any(p.kind == p.KEYWORD_ONLY and p.default is p.empty for p in parameters)
    fitting = [(len(form), style) for form, style in zip(forms, styles) if required <= len(form) <= most and not named]
    if not fitting:
        wanted = " or ".join(f"({', '.join(form)})" for form in forms)
        raise TypeError(f"{title} takes {required} parameters, but {_caller(kind)} calls it with {wanted}")
    # A sink's context is optional for its method; elsewhere optional parameters are the function's own.
    exact = [style for length, style in fitting if length == required]
    return exact[0] if exact and kind != "add_sink" else fitting[0][1]


class _PythonIterator:
    """Reads an object that has `hasNext` and `next`."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def __iter__(self) -> "_PythonIterator":
        return self

    def __next__(self) -> Any:
        if not self._source.hasNext():
            raise StopIteration
        return self._source.next()


def is_collection(collection: Any) -> bool:
    """True if `iterate` can read it."""
    return hasattr(collection, "hasNext") or isinstance(collection, Iterable)


def iterate(collection: Any) -> Iterator[Any]:
    """The elements of what `from_collection` was given."""
    return _PythonIterator(collection) if hasattr(collection, "hasNext") else iter(collection)

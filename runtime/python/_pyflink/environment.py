"""The environment: where streams begin and jobs are executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Mapping, Optional, TypeVar, Union

from _pyflink import backend, functions
from _pyflink.graph import Node
from _pyflink.nearest import no_attribute
from _pyflink.result import JobExecutionResult

if TYPE_CHECKING:
    from _pyflink.streams import DataStream
    from org.apache.flink.streaming.api import CheckpointingMode, TimeCharacteristic
    from org.apache.flink.streaming.api.functions.source import SourceFunction

T = TypeVar("T")

#: Operators that run as one subtask, whatever the environment's parallelism.
_SEQUENTIAL = frozenset({"create_python_source", "from_elements", "from_collection", "socket_text_stream", "add_java_source"})


class StreamExecutionEnvironment:
    """Builds pipelines and runs them.

    ::

        def main(factory):
            env = factory.get_execution_environment()
            env.from_elements("a", "b").map(str.upper).output()
            env.execute()
    """

    def __init__(self, parallelism: Optional[int] = None) -> None:
        self._nodes: List[Node] = []
        self._since = 0
        self._parallelism: Optional[int] = None
        self._time_characteristic: Any = None
        if parallelism is not None:
            self.set_parallelism(parallelism)

    # -- sources

    def create_python_source(self, source: Union["SourceFunction[T]", Callable[..., Any]]) -> "DataStream[T]":
        """A stream of what a source collects; it runs as one subtask.

        `source` is a `SourceFunction`, a function of a context (`ctx.collect(x)`), or a generator function without
        parameters.
        """
        functions.check("create_python_source", source)
        return self._source("create_python_source", function=source)

    def from_elements(self, *elements: T) -> "DataStream[T]":
        """A stream of the arguments: each is one element, also a list."""
        if not elements:
            raise ValueError("from_elements() needs at least one element")
        return self._source("from_elements", elements=list(elements))

    def from_collection(self, collection: Iterable[T]) -> "DataStream[T]":
        """A stream of the elements of a list, tuple, set, generator, any iterable, or a `PythonIterator`.

        A generator is read while the job runs.
        """
        if not functions.is_collection(collection):
            raise TypeError(
                f"from_collection() takes something to iterate over, not {type(collection).__name__}; "
                f"for single elements use from_elements()"
            )
        if hasattr(collection, "__len__") and len(collection) == 0:  # type: ignore[arg-type]
            raise ValueError("from_collection() needs at least one element; the collection is empty")
        return self._source("from_collection", collection=collection)

    def generate_sequence(self, from_: int, to: int) -> "DataStream[int]":
        """A stream of the ints from `from_` to `to`, both included."""
        for bound in (from_, to):
            if not isinstance(bound, int):
                raise TypeError(f"generate_sequence() takes two ints, not {type(bound).__name__}")
        if from_ > to:
            raise ValueError(f"generate_sequence({from_}, {to}): the first number is larger than the last")
        return self._source("generate_sequence", **{"from": from_, "to": to})

    def read_text_file(self, path: str) -> "DataStream[str]":
        """A stream of the lines of a text file (UTF-8), without their ends.

        A folder's files are read in the order of their names; ``.gz``, ``.bz2``, ``.xz``, ``.zst`` are decompressed.
        """
        path = _path("read_text_file", path)
        return self._source("read_text_file", path=path)

    def read_text(self, path: str) -> "DataStream[str]":
        """The same as `read_text_file`."""
        return self.read_text_file(path)

    def socket_text_stream(self, host: str, port: int) -> "DataStream[str]":
        """A stream of the lines that a server sends; it ends when the server closes the connection."""
        _port("socket_text_stream", port)
        return self._source("socket_text_stream", host=str(host), port=int(port))

    def add_java_source(self, source: Any) -> "DataStream[Any]":
        """Java sources can't be run; connectors that stand in for them come later."""
        raise NotImplementedError(
            f"add_java_source() takes the connectors that are shipped in place of Java ones, and there is none for "
            f"{type(source).__name__} yet; write a SourceFunction and pass it to create_python_source()"
        )

    # -- settings

    def set_parallelism(self, parallelism: int) -> "StreamExecutionEnvironment":
        """Sets the number of subtasks of the operators that are created from here on."""
        if isinstance(parallelism, bool) or not isinstance(parallelism, int):
            raise TypeError(f"set_parallelism() takes an int, not {type(parallelism).__name__}")
        if parallelism < 1:
            raise ValueError(f"set_parallelism({parallelism}): the parallelism must be at least 1")
        self._parallelism = parallelism
        return self

    def get_parallelism(self) -> int:
        """What `set_parallelism` has set, or 1."""
        return self._parallelism or 1

    def enable_checkpointing(
        self, interval: int, mode: Optional["CheckpointingMode"] = None
    ) -> "StreamExecutionEnvironment":
        """Asks for a checkpoint each `interval` milliseconds."""
        if isinstance(interval, bool) or not isinstance(interval, int):
            raise TypeError(f"enable_checkpointing() takes milliseconds as an int, not {type(interval).__name__}")
        if interval <= 0:
            raise ValueError(f"enable_checkpointing({interval}): the interval must be at least 1 ms")
        return self

    def set_stream_time_characteristic(self, characteristic: "TimeCharacteristic") -> None:
        """Chooses where time comes from: `TimeCharacteristic.ProcessingTime` or `IngestionTime`."""
        from org.apache.flink.streaming.api import TimeCharacteristic

        if not isinstance(characteristic, TimeCharacteristic):
            raise TypeError(f"set_stream_time_characteristic() takes a TimeCharacteristic, not {characteristic!r}")
        if characteristic is TimeCharacteristic.EventTime:
            raise NotImplementedError("EventTime isn't there yet; use ProcessingTime or IngestionTime")
        self._time_characteristic = characteristic

    def get_stream_time_characteristic(self) -> "TimeCharacteristic":
        """What `set_stream_time_characteristic` has set, or `ProcessingTime`."""
        from org.apache.flink.streaming.api import TimeCharacteristic

        return self._time_characteristic or TimeCharacteristic.ProcessingTime

    # -- running

    def execute(self, name: Optional[str] = None) -> JobExecutionResult:
        """Runs what was added since the last call, and waits for its end."""
        added = self._nodes[self._since :]
        if not added:
            raise ValueError("execute(): nothing was added to this environment since it was made or last executed")
        self._check_loops(added)
        self._check_paths(added)
        since, self._since = self._since, len(self._nodes)
        return JobExecutionResult(*backend.execute(list(self._nodes), since, None if name is None else str(name)))

    # -- recording

    def _add(self, kind: str, inputs: List[int], args: Mapping[str, Any]) -> Node:
        parallelism = 1 if kind in _SEQUENTIAL else self._parallelism
        node = Node(len(self._nodes), kind, inputs, dict(args), parallelism)
        self._nodes.append(node)
        return node

    def _source(self, kind: str, **args: Any) -> Any:
        from _pyflink.streams import DataStream

        return DataStream(self, self._add(kind, [], args))

    def _check_loops(self, added: List[Node]) -> None:
        closed = {node.iteration for node in added if node.kind == "close_with"}
        for node in added:
            if node.kind == "iterate" and node.id not in closed:
                raise ValueError(
                    f"the iteration begun at {node.file}:{node.line} is never closed: call close_with(feedback) on it"
                )

    def _check_paths(self, added: List[Node]) -> None:
        paths: dict = {}
        for node in (node for node in added if node.kind == "write_as_text"):
            other = paths.setdefault(node.args["path"], node)
            if other is not node:
                raise ValueError(
                    f"two sinks write to {node.args['path']}: at {other.file}:{other.line} and {node.file}:{node.line}"
                )

    if not TYPE_CHECKING:  # a checker is to find unknown names by itself

        def __getattr__(self, name: str) -> Any:
            raise no_attribute("the environment", type(self), name)


def _path(call: str, path: Any) -> str:
    import os

    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{call}() takes a path as a str, not {type(path).__name__}")
    path = os.fspath(path)
    if path.startswith("hdfs://"):
        raise NotImplementedError(f"{call}({path!r}): hdfs:// isn't there yet; use a local path")
    return path


def _port(call: str, port: Any) -> None:
    if not isinstance(port, int) or not 0 <= port <= 65535:
        raise ValueError(f"{call}(): {port!r} is not a port (0 to 65535)")


#: The name that Flink's Python API gives it.
PythonStreamExecutionEnvironment = StreamExecutionEnvironment

"""Streams: what pipelines are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generic, Iterable, List, Optional, TypeVar, Union

from _pyflink import functions
from _pyflink.environment import StreamExecutionEnvironment, _path, _port
from _pyflink.graph import Node
from _pyflink.nearest import no_attribute

if TYPE_CHECKING:
    from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
    from org.apache.flink.api.common.serialization import SerializationSchema
    from org.apache.flink.api.java.functions import KeySelector
    from org.apache.flink.core.fs import WriteMode
    from org.apache.flink.streaming.api.collector.selector import OutputSelector
    from org.apache.flink.streaming.api.functions.sink import SinkFunction
    from org.apache.flink.streaming.api.functions.windowing import WindowFunction
    from org.apache.flink.streaming.api.windowing.time import Time

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K")

#: What a keyed or windowed stream has and another one lacks, and what to do.
_KEYED = {
    "reduce": "reduce() needs a keyed stream: call key_by(selector) before it",
    "time_window": "time_window() needs a keyed stream: call key_by(selector) before it",
    "count_window": "count_window() needs a keyed stream: call key_by(selector) before it",
    "apply": "apply() needs a window: call key_by(selector) and time_window(…) or count_window(…) before it",
    "select": "select() needs a split stream: call split(selector) before it",
    "close_with": "close_with() is called on what iterate() returned",
}


class _Recorded:
    """A recorded call that others can build on."""

    def __init__(self, environment: StreamExecutionEnvironment, node: Node) -> None:
        self._environment = environment
        self._node = node

    def _then(self, kind: str, **args: Any) -> Node:
        return self._environment._add(kind, [self._node.id], args)

    def _with(self, kind: str, function: Any) -> Node:
        functions.check(kind, function)
        return self._then(kind, function=function)

    if not TYPE_CHECKING:  # a checker is to find unknown names by itself

        def __getattr__(self, name: str) -> Any:
            if name in _KEYED:
                raise AttributeError(_KEYED[name])
            raise no_attribute(f"a {type(self).__name__}", type(self), name)


class DataStreamSink(_Recorded):
    """A sink; it can be given a name."""

    def name(self, name: str) -> "DataStreamSink":
        """Gives the sink a name for messages and plans."""
        self._node.name = str(name)
        return self


class DataStream(_Recorded, Generic[T]):
    """A stream of elements of any Python type.

    ::

        env.from_elements("to be", "or not").flat_map(str.split).filter(lambda word: len(word) == 2).output()
    """

    def name(self, name: str) -> "DataStream[T]":
        """Gives the operator behind this stream a name for messages and plans."""
        self._node.name = str(name)
        return self

    # -- transformations

    def map(self, function: "Union[MapFunction[T, R], Callable[[T], R]]") -> "DataStream[R]":
        """One element for each: `function.map(value)`, or a plain function of the value."""
        return DataStream(self._environment, self._with("map", function))

    def flat_map(self, function: "Union[FlatMapFunction[T, R], Callable[..., Any]]") -> "DataStream[R]":
        """Any number of elements for each: `function.flatMap(value, collector)`.

        A plain function may take the value and a collector, or the value alone and return or yield its results.
        """
        return DataStream(self._environment, self._with("flat_map", function))

    def filter(self, function: "Union[FilterFunction[T], Callable[[T], Any]]") -> "DataStream[T]":
        """The elements for which `function.filter(value)` is true."""
        return DataStream(self._environment, self._with("filter", function))

    def key_by(self, selector: "Union[KeySelector[T, K], Callable[[T], K]]") -> "KeyedStream[T, K]":
        """The same elements, each with a key: `selector.getKey(value)`."""
        return KeyedStream(self._environment, self._with("key_by", selector))

    def union(self, *streams: "Union[DataStream[T], List[DataStream[T]]]") -> "DataStream[T]":
        """All elements of this stream and the others. A stream united with itself gives each element twice."""
        others: Any = streams[0] if len(streams) == 1 and isinstance(streams[0], (list, tuple)) else streams
        for other in others:
            if not isinstance(other, DataStream):
                raise TypeError(f"union() takes streams, not {type(other).__name__}")
            if other._environment is not self._environment:
                raise ValueError("union() takes streams of the same environment")
        inputs = [self._node.id, *(other._node.id for other in others)]
        return DataStream(self._environment, self._environment._add("union", inputs, {}))

    def split(self, selector: "Union[OutputSelector[T], Callable[[T], Any]]") -> "SplitStream[T]":
        """The same elements, each under the names that `selector.select(value)` returns."""
        return SplitStream(self._environment, self._with("split", selector))

    def iterate(self, max_wait: int = 0) -> "IterativeStream[T]":
        """The head of a loop; `close_with(feedback)` on it sends elements back here.

        `max_wait` (milliseconds) bounds the idle wait of unbounded input; loops end by themselves.
        """
        if isinstance(max_wait, bool) or not isinstance(max_wait, int):
            raise TypeError(f"iterate() takes milliseconds as an int, not {type(max_wait).__name__}")
        if max_wait < 0:
            raise ValueError(f"iterate({max_wait}): the wait must not be negative")
        return IterativeStream(self._environment, self._then("iterate", max_wait_ms=max_wait))

    # -- sinks

    def output(self, identifier: Optional[str] = None) -> DataStreamSink:
        """Prints `str(element)` of each element, after `identifier> ` if one is given."""
        return DataStreamSink(self._environment, self._then("output", identifier=identifier))

    def print(self, identifier: Optional[str] = None) -> DataStreamSink:
        """The same as `output`."""
        return self.output(identifier)

    def write_as_text(self, path: str, mode: "Optional[WriteMode]" = None) -> DataStreamSink:
        """Writes `str(element)` of each element to a file, one a line.

        An existing file is an error, unless `mode` is `WriteMode.OVERWRITE`. Several subtasks write a folder with
        one file each.
        """
        from org.apache.flink.core.fs import WriteMode

        if mode is not None and not isinstance(mode, WriteMode):
            raise TypeError(f"write_as_text() takes a WriteMode, not {mode!r}: WriteMode.OVERWRITE")
        name = "NO_OVERWRITE" if mode is None else mode.name
        return DataStreamSink(
            self._environment, self._then("write_as_text", path=_path("write_as_text", path), mode=name)
        )

    def write_to_socket(
        self, host: str, port: int, schema: "Union[SerializationSchema, Callable[[T], Union[bytes, str]]]"
    ) -> DataStreamSink:
        """Sends `schema.serialize(element)` of each element to a server. Nothing is put between elements."""
        _port("write_to_socket", port)
        functions.check("write_to_socket", schema)
        return DataStreamSink(
            self._environment, self._then("write_to_socket", host=str(host), port=int(port), schema=schema)
        )

    def add_sink(self, function: "Union[SinkFunction[T], Callable[[T], Any]]") -> DataStreamSink:
        """Calls `function.invoke(value)`, or `invoke(value, context)`, with each element."""
        return DataStreamSink(self._environment, self._with("add_sink", function))


class KeyedStream(DataStream[T], Generic[T, K]):
    """A stream whose elements have keys; see `DataStream.key_by`."""

    def reduce(self, function: "Union[ReduceFunction[T], Callable[[T, T], T]]") -> "DataStream[T]":
        """Per key, the reduction so far: the first element as it is, then `function.reduce(so_far, value)`."""
        return DataStream(self._environment, self._with("reduce", function))

    def time_window(self, size: "Time", slide: "Optional[Time]" = None) -> "WindowedStream[T, K]":
        """Windows of a length in time, a new one each `slide` if that is given.

        ::

            keyed.time_window(milliseconds(100), milliseconds(20)).reduce(Sum())
        """
        args = {"size": _milliseconds("size", size), "slide": None if slide is None else _milliseconds("slide", slide)}
        return WindowedStream(self._environment, self._then("time_window", **args))

    def count_window(self, size: int, slide: Optional[int] = None) -> "WindowedStream[T, K]":
        """Windows of `size` elements of a key; with a slide, its last `size` elements each `slide` elements."""
        for name, value in (("size", size), ("slide", slide)):
            if value is None and name == "slide":
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"count_window(): the {name} must be an int, not {type(value).__name__}")
            if value < 1:
                raise ValueError(f"count_window(): the {name} must be at least 1, not {value}")
        return WindowedStream(self._environment, self._then("count_window", size=size, slide=slide))


class WindowedStream(_Recorded, Generic[T, K]):
    """The windows of a keyed stream; `reduce` or `apply` makes a stream of them again."""

    def reduce(self, function: "Union[ReduceFunction[T], Callable[[T, T], T]]") -> "DataStream[T]":
        """Per key and window, the reduction of its elements in the order of their arrival."""
        return DataStream(self._environment, self._with("window_reduce", function))

    def apply(self, function: "Union[WindowFunction[T, R, K], Callable[..., Any]]") -> "DataStream[R]":
        """Per key and window: `function.apply(key, window, values, collector)`."""
        return DataStream(self._environment, self._with("window_apply", function))


class SplitStream(DataStream[T]):
    """A stream whose elements stand under names; see `DataStream.split`."""

    def select(self, *names: str) -> "DataStream[T]":
        """The elements whose names include one of these."""
        wanted: Any = names[0] if len(names) == 1 and isinstance(names[0], (list, tuple, set, frozenset)) else names
        wanted = list(wanted)
        if not wanted:
            raise TypeError("select() takes at least one name")
        for name in wanted:
            if not isinstance(name, str):
                raise TypeError(f"select() takes names as str, not {type(name).__name__}")
        return DataStream(self._environment, self._then("select", names=wanted))


class IterativeStream(DataStream[T]):
    """The head of a loop; see `DataStream.iterate`."""

    def close_with(self, feedback: "DataStream[T]") -> "DataStream[T]":
        """Sends the elements of `feedback` back to the head. May be called several times."""
        if not isinstance(feedback, DataStream):
            raise TypeError(f"close_with() takes a stream, not {type(feedback).__name__}")
        if feedback._environment is not self._environment or not self._descends(feedback._node.id):
            raise ValueError("close_with(): the feedback does not come from this iteration")
        node = self._environment._add("close_with", [feedback._node.id], {})
        node.iteration = self._node.id
        return feedback

    def _descends(self, id: int) -> bool:
        todo, seen = [id], set()
        while todo:
            at = todo.pop()
            if at == self._node.id:
                return True
            if at not in seen:
                seen.add(at)
                todo.extend(self._environment._nodes[at].inputs)
        return False


def _milliseconds(name: str, time: Any) -> int:
    from org.apache.flink.streaming.api.windowing.time import Time

    if not isinstance(time, Time):
        hint = f": write milliseconds({time})" if isinstance(time, int) else ""
        raise TypeError(f"time_window(): the {name} must be a Time, not {type(time).__name__}{hint}")
    if time.toMilliseconds() < 1:
        raise ValueError(f"time_window(): the {name} must be at least 1 ms, not {time.toMilliseconds()}")
    return time.toMilliseconds()

"""Sources that are written in Python."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from org.apache.flink.api.common.functions import Function, RichFunction

T = TypeVar("T")
_C = TypeVar("_C", contravariant=True)


class SourceContext(Protocol[_C]):
    """Takes what a source gives."""

    def collect(self, element: _C) -> None:
        """Gives an element to the stream; waits while the job is behind."""

    def collectWithTimestamp(self, element: _C, timestamp: int) -> None:
        """Gives an element with its time in milliseconds, which processing time does not look at."""


class SourceFunction(Function, Generic[T]):
    """A source: define `run(self, ctx)` and `cancel(self)`.

    ::

        class Count(SourceFunction):
            _running = True

            def run(self, ctx):
                n = 0
                while self._running and n < 100:
                    ctx.collect(n)
                    n += 1

            def cancel(self):
                self._running = False
    """

    def run(self, ctx: SourceContext[T]) -> None:
        """Collects elements; the stream ends when it returns."""
        raise NotImplementedError(f"{type(self).__name__} must define run(self, ctx)")

    def cancel(self) -> None:
        """Makes `run` return soon; called from another thread when the job is stopped."""


class RichSourceFunction(SourceFunction[T], RichFunction):
    """A `SourceFunction` with `open` and `close`."""


class ParallelSourceFunction(SourceFunction[T]):
    """Runs as one subtask here, as any source that is written in Python."""

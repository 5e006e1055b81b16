"""The streams, for type hints: `def pipeline(lines: DataStream[str]) -> None`."""

from _pyflink.streams import DataStream, DataStreamSink, IterativeStream, KeyedStream, SplitStream, WindowedStream

__all__ = ["DataStream", "DataStreamSink", "IterativeStream", "KeyedStream", "SplitStream", "WindowedStream"]

"""``from org.apache.flink.core.fs.FileSystem import WriteMode``, as in Java, where `FileSystem` is a class."""

import sys

from org.apache.flink.core.fs import FileSystem, WriteMode

__all__ = ["WriteMode"]

# The class takes the module's place, so that both ways of importing give one and the same thing.
sys.modules[__name__] = FileSystem  # type: ignore[assignment]

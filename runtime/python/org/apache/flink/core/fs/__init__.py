"""How files are written."""

from __future__ import annotations

import enum


class WriteMode(enum.Enum):
    """What happens to a file that is already there."""

    #: An error, before the job starts.
    NO_OVERWRITE = 0
    #: It is replaced when the job is through.
    OVERWRITE = 1


class FileSystem:
    """Holds `WriteMode`: ``from org.apache.flink.core.fs.FileSystem import WriteMode``."""

    WriteMode = WriteMode


__all__ = ["FileSystem", "WriteMode"]

"""What functions can ask about where they run, and how they are configured."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional


class Configuration:
    """String keys and values, as `open(config)` and `create_local_execution_environment(config)` take them."""

    def __init__(self, values: Optional[Mapping[str, Any]] = None) -> None:
        self._values: Dict[str, Any] = dict(values or {})

    def getString(self, key: str, default: Optional[str] = None) -> Optional[str]:
        value = self._values.get(key)
        return default if value is None else str(value)

    def getInteger(self, key: str, default: Optional[int] = None) -> Optional[int]:
        value = self._values.get(key)
        return default if value is None else int(value)

    getLong = getInteger

    def getFloat(self, key: str, default: Optional[float] = None) -> Optional[float]:
        value = self._values.get(key)
        return default if value is None else float(value)

    getDouble = getFloat

    def getBoolean(self, key: str, default: Optional[bool] = None) -> Optional[bool]:
        value = self._values.get(key)
        if value is None:
            return default
        return value if isinstance(value, bool) else str(value).strip().lower() == "true"

    def setString(self, key: str, value: Any) -> None:
        self._values[key] = value

    setInteger = setLong = setFloat = setDouble = setBoolean = setString

    def containsKey(self, key: str) -> bool:
        return key in self._values

    def keySet(self) -> set:
        return set(self._values)

    def toMap(self) -> Dict[str, Any]:
        return dict(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def keys(self) -> Any:
        return self._values.keys()

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class RuntimeContext:
    """Where an instance of a function runs."""

    def __init__(self, task: str, index: int, subtasks: int) -> None:
        self._task = task
        self._index = index
        self._subtasks = subtasks

    def getIndexOfThisSubtask(self) -> int:
        """The number of this subtask, from 0."""
        return self._index

    def getNumberOfParallelSubtasks(self) -> int:
        """How many subtasks the operator has."""
        return self._subtasks

    def getTaskName(self) -> str:
        """The operator's name."""
        return self._task

    def getTaskNameWithSubtasks(self) -> str:
        """The operator's name and this subtask's number: ``map (1/4)``."""
        return f"{self._task} ({self._index + 1}/{self._subtasks})"

    def getMaxNumberOfParallelSubtasks(self) -> int:
        """The number of key groups."""
        return 128

    def getAttemptNumber(self) -> int:
        """0: a job is not restarted."""
        return 0


class SinkContext:
    """What `invoke(value, context)` is handed."""

    #: Set by the engine, so that it follows the job's clock.
    now: int = 0

    def currentProcessingTime(self) -> int:
        """The time of the element on the job's clock: milliseconds since the epoch."""
        return self.now

    def currentWatermark(self) -> int:
        """There are no watermarks in processing time: the smallest there is."""
        return -(2**63)

    def timestamp(self) -> None:
        """Elements have no event time."""
        return None

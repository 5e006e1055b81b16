"""The windows that `apply` is handed."""

from _pyflink.windows import GlobalWindow, TimeWindow

__all__ = ["GlobalWindow", "TimeWindow"]

"""Runs a script: imports it and calls `main(factory)`."""

from __future__ import annotations

import importlib
import inspect
import os
import signal
import sys
import traceback
from types import FrameType
from typing import Any, Callable, List, Optional

from _pyflink.errors import JobCancelled

#: Files of frames that are not the user's.
_OWN_FILES = ("<chain>", "<frozen importlib", "<pyflink>", os.path.dirname(importlib.__file__))


class ScriptError(Exception):
    """The script can't be run as it is; the message says why."""


def run(module: str, path: str, params: List[str]) -> None:
    """Imports the script under its base name and calls its `main`."""
    from _pyflink.factory import PythonEnvironmentFactory

    sys.argv = [path, *params]
    folder = os.path.dirname(os.path.abspath(path))
    if folder not in sys.path:
        sys.path.append(folder)
    script = importlib.import_module(module)
    main = getattr(script, "main", None)
    if main is None:
        raise ScriptError(f"{path} defines no main(factory)")
    if not callable(main):
        raise ScriptError(f"main in {path} is not a function, but a {type(main).__name__}")
    try:
        inspect.signature(main).bind(None)
    except TypeError:
        raise ScriptError(f"main in {path} must take one parameter: def main(factory)") from None
    except ValueError:
        pass  # A callable written in C that does not tell its parameters.
    main(PythonEnvironmentFactory())


def finish() -> None:
    """What Python does at its end: waits for the script's threads and runs its exit functions."""
    import atexit
    import threading

    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()


def install_signals(raises: Callable[[int], bool]) -> None:
    """Makes SIGINT and SIGTERM end the script; within a job, where `raises(number)` says so, by `JobCancelled`."""

    def on_signal(number: int, frame: Optional[FrameType]) -> None:
        if raises(number):
            raise JobCancelled("the job was cancelled")
        if not in_job():
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)


#: Replaced by the runtime: tells whether a job is running.
in_job: Callable[[], bool] = lambda: False


def user_traceback(error: BaseException) -> str:
    """A traceback with the user's frames only, causes included, as Python prints it."""
    trimmed = traceback.TracebackException.from_exception(error)
    _trim(trimmed, set())
    text = "".join(trimmed.format())
    if isinstance(error, ModuleNotFoundError):
        text += (
            f"help: if {error.name} is yours, pass its file or folder to pyflink-compile behind the script; "
            f"else install it for {sys.executable}, or choose another Python with --python\n"
        )
    return text


def _trim(error: Any, seen: set) -> None:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    if error.stack is not None:
        error.stack = traceback.StackSummary.from_list([frame for frame in error.stack if _is_users(frame.filename)])
    _trim(error.__cause__, seen)
    _trim(error.__context__, seen)


def _is_users(file: str) -> bool:
    return not file.startswith(_OWN_FILES)

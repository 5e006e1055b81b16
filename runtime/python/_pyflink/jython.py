"""`--compat jython`: the few Python 2 library behaviours that scripts written for the Jython original lean on."""

from __future__ import annotations

import builtins
import functools
import itertools
import os
import socket
import string
import sys
import time
import uuid
from typing import Any, Callable

_STANDARD_LIBRARY = os.path.dirname(os.__file__)

#: Python 2 names of modules.
_MODULES = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "cPickle": "pickle",
    "cStringIO": "io",
    "thread": "_thread",
    "urlparse": "urllib.parse",
}


def install() -> None:
    """Patches the library, for the script only where it makes a difference to others."""
    uuid.UUID.get_hex = lambda self: self.hex  # type: ignore[attr-defined]
    uuid.UUID.get_bytes = lambda self: self.bytes  # type: ignore[attr-defined]
    for name, value in (
        ("basestring", str),
        ("long", int),
        ("raw_input", input),
        ("reduce", functools.reduce),
        ("unichr", chr),
        ("unicode", str),
        ("xrange", range),
    ):
        setattr(builtins, name, value)
    for name in ("imap", "ifilter", "izip"):
        setattr(itertools, name, getattr(builtins, name[1:]))
    string.letters = string.ascii_letters  # type: ignore[attr-defined]
    string.lowercase = string.ascii_lowercase  # type: ignore[attr-defined]
    string.uppercase = string.ascii_uppercase  # type: ignore[attr-defined]
    sys.maxint = sys.maxsize  # type: ignore[attr-defined]
    os.getcwdu = os.getcwd  # type: ignore[attr-defined]
    if not hasattr(time, "clock"):
        time.clock = time.perf_counter  # type: ignore[attr-defined]
    _install_modules()
    _install_sockets()


def _install_modules() -> None:
    import importlib.abc
    import importlib.machinery

    class Renamed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
            return importlib.machinery.ModuleSpec(name, self) if name in _MODULES else None

        def create_module(self, spec: Any) -> Any:
            return importlib.import_module(_MODULES[spec.name])

        def exec_module(self, module: Any) -> None:
            """The module has run under its own name."""

    sys.meta_path.append(Renamed())


def _install_sockets() -> None:
    """Sockets of the script send and receive `str`; the standard library's own keep to bytes."""

    def by_script() -> bool:
        file = sys._getframe(2).f_code.co_filename
        return not file.startswith(_STANDARD_LIBRARY) or "site-packages" in file

    def sending(method: str) -> Callable:
        original = getattr(socket.socket, method)

        @functools.wraps(original)
        def send(self: socket.socket, data: Any, *rest: Any) -> Any:
            return original(self, data.encode() if isinstance(data, str) else data, *rest)

        return send

    original_recv = socket.socket.recv

    @functools.wraps(original_recv)
    def recv(self: socket.socket, *arguments: Any) -> Any:
        data = original_recv(self, *arguments)
        return data.decode("utf-8", "surrogateescape") if by_script() else data

    for method in ("send", "sendall"):
        setattr(socket.socket, method, sending(method))
    socket.socket.recv = recv  # type: ignore[method-assign]

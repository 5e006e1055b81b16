"""Imports from what the binary holds: this package, and the sources of a plan."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import linecache
import os
import sys
from typing import Any, Dict, List, NamedTuple, Optional


class Source(NamedTuple):
    """The source of a module."""

    #: Absolute, of a file that need not be there any more.
    path: str
    is_package: bool
    text: str


class Importer(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds modules by name in a table. Parents of modules that are not in it are namespace packages."""

    def __init__(self, sources: Dict[str, Source]) -> None:
        self._sources = sources
        self._parents = {".".join(name.split(".")[:n]) for name in sources for n in range(1, name.count(".") + 1)}

    def find_spec(self, name: str, path: Any, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        source = self._sources.get(name)
        if source is None:
            if name not in self._parents:
                return None
            spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = self._folders(name)
            return spec
        spec = importlib.machinery.ModuleSpec(name, self, origin=source.path, is_package=source.is_package)
        spec.has_location = True
        if source.is_package:
            # The real folder, so that data files and modules that are not in the table are found in it.
            spec.submodule_search_locations = [os.path.dirname(source.path)]
        return spec

    def _folders(self, name: str) -> List[str]:
        prefix = name + "."
        depth = name.count(".")
        for module, source in self._sources.items():
            if module.startswith(prefix):
                folder = os.path.dirname(source.path)
                for _ in range(module.count(".") - depth - (0 if source.is_package else 1)):
                    folder = os.path.dirname(folder)
                return [folder]
        return []

    def is_package(self, fullname: str) -> bool:
        source = self._sources.get(fullname)
        return source.is_package if source is not None else fullname in self._parents

    def get_source(self, fullname: str) -> Optional[str]:
        source = self._sources.get(fullname)
        return None if source is None else source.text

    def get_filename(self, fullname: str) -> str:
        return self._sources[fullname].path

    def exec_module(self, module: Any) -> None:
        source = self._sources[module.__name__]
        module.__file__ = source.path
        lines = source.text.splitlines(True)
        linecache.cache[source.path] = (len(source.text), None, lines, source.path)
        exec(compile(source.text, source.path, "exec", dont_inherit=True), module.__dict__)


def install(sources: Dict[str, Any], first: bool = True) -> None:
    """Makes modules importable, ahead of all else or behind it: name → (path, is_package, text)."""
    importer = Importer({name: Source(*source) for name, source in sources.items()})
    # Behind the built-in and frozen modules, which a script does not replace.
    at = 2 if first else len(sys.meta_path)
    sys.meta_path.insert(min(at, len(sys.meta_path)), importer)

"""Errors for names that are not there, with the one that may have been meant."""

from __future__ import annotations

import difflib


def no_attribute(what: str, owner: type, name: str) -> AttributeError:
    """The error for a method that an object of the API does not have."""
    known = [other for other in dir(owner) if not other.startswith("_")]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(known)}"
    return AttributeError(f"{what} has no method {name}{hint}")

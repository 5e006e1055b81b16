"""Which subtask a key belongs to: the same in every run, on every machine, with every version.

As in Flink, a key has a *key group*, and each subtask a range of them. The group is the key's hash modulo the number of
groups. The hash is defined here:

- numbers: Python's ``hash()``, which is defined by the value alone, so that ``1 == 1.0 == True`` agree; NaN: 0;
- ``None``: 1; ``str`` and ``bytes``: 64-bit FNV-1a of the UTF-8 (or the bytes);
- tuples: FNV-1a over the hashes of the items; frozensets: their sum;
- all of them finally mixed by the 64-bit finaliser of MurmurHash3;
- other objects: what their class's own ``__hash__`` says. A class without one has no stable hash: a `TypeError`.
"""

from __future__ import annotations

import numbers
from typing import Any

_MASK = 2**64 - 1
_FNV_OFFSET = 0xCBF29CE484222325
_FNV_PRIME = 0x100000001B3


def _fnv(data: bytes) -> int:
    value = _FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME & _MASK
    return value


def _raw(key: Any) -> int:
    if isinstance(key, numbers.Number) or isinstance(key, (int, float)):
        return 0 if key != key else hash(key) & _MASK
    if key is None:
        return 1
    if isinstance(key, str):
        return _fnv(key.encode("utf-8", "surrogatepass"))
    if isinstance(key, (bytes, bytearray)):
        return _fnv(bytes(key))
    if isinstance(key, tuple):
        return _fnv(b"".join(_raw(item).to_bytes(8, "little") for item in key))
    if isinstance(key, frozenset):
        return sum(_mixed(_raw(item)) for item in key) & _MASK
    if type(key).__hash__ is object.__hash__:
        raise TypeError(f"a {type(key).__name__} has no hash that is the same in every run")
    return hash(key) & _MASK


def _mixed(value: int) -> int:
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & _MASK
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33


def stable_hash(key: Any) -> int:
    """The hash of a key, from 0 to 2**64 - 1."""
    return _mixed(_raw(key))


def key_groups(parallelism: int) -> int:
    """How many key groups an operator has: as Flink's default maximum parallelism."""
    wanted = parallelism + parallelism // 2
    return min(max(128, 1 << (wanted - 1).bit_length()), 32768)


def subtask(key: Any, parallelism: int) -> int:
    """The subtask of a key, from 0."""
    groups = max(key_groups(parallelism), parallelism)
    return stable_hash(key) % groups * parallelism // groups

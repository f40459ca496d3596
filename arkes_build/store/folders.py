"""Read a directory as libostree keeps it, at a tenth of what its binding needs.

A ``dirtree`` object is a GVariant ``(a(say)a(sayay))`` of files (name, checksum) and
directories (name, checksum of the tree, checksum of owner, mode and xattrs), each part sorted
by name (ostree-core.h, ``OSTREE_TREE_GVARIANT_FORMAT``), the same in every kind of repository.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CHECKSUM = 32
"""Bytes of a checksum."""
_OFFSETS = {1: "B", 2: "H", 4: "I", 8: "Q"}


@dataclass(frozen=True, slots=True)
class Folder:
    """One directory: file → checksum, directory → checksums of its tree and its metadata."""

    files: Mapping[str, str]
    folders: Mapping[str, tuple[str, str]]


EMPTY = Folder({}, {})


def parse(data: bytes) -> Folder:
    """Return the directory that a ``dirtree`` object describes.

    Raises ``ValueError`` or ``IndexError`` when it is none.
    """
    if not data:
        return EMPTY
    width = _width(len(data))
    split = int.from_bytes(data[-width:], "little")
    if split > len(data) - width:
        raise ValueError("the files go beyond the end")
    table = data[:split]
    return Folder(
        {name: table[at : at + _CHECKSUM].hex() for name, at in _named(table, _CHECKSUM)},
        _folders_of(data[split : len(data) - width]),
    )


def _folders_of(table: bytes) -> dict[str, tuple[str, str]]:
    return {
        name: (
            table[at : at + _CHECKSUM].hex(),
            table[at + _CHECKSUM : at + 2 * _CHECKSUM].hex(),
        )
        for name, at in _named(table, 2 * _CHECKSUM)
    }


def _named(data: bytes, length: int) -> Iterator[tuple[str, int]]:
    """Give the items of an array of tuples: the name, and where ``length`` bytes follow it."""
    if not data:
        return
    width = _width(len(data))
    start = int.from_bytes(data[-width:], "little")
    count, rest = divmod(len(data) - start, width)
    if count <= 0 or rest:
        raise ValueError("the offsets of the items are no table")
    ends = struct.unpack_from(f"<{count}{_OFFSETS[width]}", data, start)
    start = 0
    for end in ends:
        name = data.index(0, start, end)
        if end < name + 1 + length:
            raise ValueError("an item ends too early")
        yield data[start:name].decode("utf-8", "surrogateescape"), name + 1
        start = end


def _width(size: int) -> int:
    """Return how many bytes each offset of a GVariant of ``size`` bytes has."""
    return next(width for width in (1, 2, 4, 8) if size < 1 << 8 * width)

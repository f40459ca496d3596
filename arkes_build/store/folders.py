"""Read a directory as libostree keeps it, at a tenth of what its binding needs.

A ``dirtree`` object is a GVariant ``(a(say)a(sayay))`` of files (name, checksum) and
directories (name, checksum of the tree, checksum of owner, mode and xattrs), each part sorted
by name (ostree-core.h, ``OSTREE_TREE_GVARIANT_FORMAT``), the same in every kind of repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CHECKSUM = 32
"""Bytes of a checksum."""


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
    files = {}
    for name, at, item in _named(data[:split]):
        files[name] = item[at : at + _CHECKSUM].hex()
    folders = {}
    for name, at, item in _named(data[split : len(data) - width]):
        end = at + _CHECKSUM
        folders[name] = (item[at:end].hex(), item[end : end + _CHECKSUM].hex())
    return Folder(files, folders)


def _named(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Give the items of an array of tuples: name, where what follows it begins, the bytes."""
    if not data:
        return
    width = _width(len(data))
    table = int.from_bytes(data[-width:], "little")
    start = 0
    for at in range(table, len(data), width):
        end = int.from_bytes(data[at : at + width], "little")
        item = data[start:end]
        name = item.index(0)
        if len(item) < name + 1 + _CHECKSUM:
            raise ValueError("an item ends too early")
        yield item[:name].decode("utf-8", "surrogateescape"), name + 1, item
        start = end


def _width(size: int) -> int:
    """Return how many bytes each offset of a GVariant of ``size`` bytes has."""
    return next(width for width in (1, 2, 4, 8) if size < 1 << 8 * width)

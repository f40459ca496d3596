"""Copy large files that are mostly holes, and leave the holes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20
_ZEROS = bytes(_CHUNK)


def copy_sparse(source: Path, to: Path, at: int) -> None:
    """Copy a file into another from the byte ``at`` on; where there are zeros it stays as it is."""
    copy_part(source, to, begin=0, size=source.stat().st_size, at=at)


def copy_part(source: Path, to: Path, *, begin: int, size: int, at: int = 0) -> None:
    """Copy ``size`` bytes from ``begin`` on into another file, from its byte ``at`` on.

    Blocks of nothing but zeros are not written: ``to`` has holes there.
    """
    with source.open("rb") as reading, to.open("r+b") as writing:
        for first, last in _data(reading.fileno(), begin, begin + size):
            position = first
            while position < last:
                data = os.pread(reading.fileno(), min(_CHUNK, last - position), position)
                if not data:
                    break
                if data != _ZEROS[: len(data)]:
                    _write(writing.fileno(), data, at + position - begin)
                position += len(data)


def _data(descriptor: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the stretches that are no holes (lseek(2), SEEK_DATA)."""
    while begin < end:
        try:
            first = os.lseek(descriptor, begin, os.SEEK_DATA)
        except OSError:  # nothing but a hole from here on
            return
        if first >= end:
            return
        begin = min(os.lseek(descriptor, first, os.SEEK_HOLE), end)
        yield first, begin


def _write(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written

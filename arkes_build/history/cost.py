"""Weigh trees: what one takes on disk, and what the way from one to another costs.

Only folders that differ are read. What a web server sends for a file is its header and the
content deflated at libostree's level (``archive.zlib-level``, 6), so to know the bytes of a
download the new files are compressed here, by several hands, up to ``EXACT`` bytes of them. Of
more, pieces spread evenly are compressed and the rest is estimated: the pieces follow from the
files' checksums, so that the same release always gets the same estimate.
"""

from __future__ import annotations

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.history.forecast import Cost
from arkes_build.history.objects import new_objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from arkes_build.history.trees import Root, Trees

EXACT = 32 << 20
"""Most bytes of new files that are all compressed to know what they take; half a second each
16 MiB."""
PIECE = 128 << 10
"""Bytes of a piece of which the compressed size is tried."""
LEVEL = 6
_RAW = -15
"""zlib's way to say: no header, the largest window."""
_HEADER = 34
"""Bytes of a compressed object before the content (``_ostree_zlib_file_header_new``)."""
_FEW = 4
"""Files for which no threads are worth starting."""
_TURN = 2654435761
"""Parts the pieces of one file evenly (Knuth's multiplicative hashing)."""
_RANGE = 1 << 32


_Piece = tuple[str, int, int]
"""A file's checksum, where the piece begins, how long it is; in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The size of a tree: how many files and links, and the bytes of their content."""

    files: int
    bytes: int


def weigh(trees: Trees, root: Root, known: tuple[Root, Weight] | None = None) -> Weight:
    """Return what a tree takes; ``known`` is one near to it, from which only changes count."""
    base, start = known or (None, Weight(files=0, bytes=0))
    files, size = start.files, start.bytes
    for change in trees.changes(base, root):
        for entry, sign in ((change.before, -1), (change.after, 1)):
            if entry is not None and not entry.is_folder:
                files += sign
                size += sign * trees.size(entry.checksum)
    return Weight(files=files, bytes=size)


class Coster:
    """Say what the way to a tree costs from others; what was compressed once is remembered.

    The repository is a bare one: files are there as they are.
    """

    def __init__(self, trees: Trees, *, exact: int = EXACT, jobs: int | None = None) -> None:
        self._trees = trees
        self._exact = exact
        self._jobs = jobs or len(os.sched_getaffinity(0))
        self._packed: dict[_Piece, int] = {}

    def cost(self, before: Root | None, after: Root) -> Cost:
        """Return what a machine that has ``before`` fetches for ``after``.

        Without the commit, which it has when it reads this. A file counts as there when a
        folder that changed had it; one that was copied out of an unchanged folder counts
        as new.
        """
        new = new_objects(self._trees, before, after)
        sizes = {checksum: self._trees.size(checksum) for checksum in sorted(new.files)}
        others = sum(
            os.stat(self._trees.path(checksum, ending)).st_size  # noqa: PTH116 - many
            for found, ending in ((new.folders, ".dirtree"), (new.metadata, ".dirmeta"))
            for checksum in found
        )
        content = sum(sizes.values())
        is_estimate = content > self._exact
        whole = [(checksum, 0, size) for checksum, size in sizes.items() if size]
        packed = self._estimate(sizes, content) if is_estimate else self._pack(whole)
        return Cost(
            objects=len(new),
            content_bytes=content + others,
            object_bytes=packed + others + _HEADER * len(sizes),
            is_estimate=is_estimate,
        )

    def _estimate(self, sizes: Mapping[str, int], content: int) -> int:
        share = int(self._exact / 2 / content * _RANGE)
        chosen = [
            (checksum, at, min(PIECE, size - at))
            for checksum, size in sizes.items()
            for at in range(0, size, PIECE)
            if (int(checksum[:8], 16) + at * _TURN) % _RANGE < share
        ]
        tried = sum(length for _checksum, _at, length in chosen)
        return self._pack(chosen) * content // tried if tried else content

    def _pack(self, pieces: Iterable[_Piece]) -> int:
        """Return how many bytes these pieces have when each is compressed."""
        wanted = list(pieces)
        missing = [piece for piece in wanted if piece not in self._packed]
        if len(missing) <= _FEW:
            sizes = list(map(self._pack_one, missing))
        else:
            with ThreadPoolExecutor(self._jobs) as pool:
                sizes = list(pool.map(self._pack_one, missing))
        self._packed.update(zip(missing, sizes, strict=True))
        return sum(self._packed[piece] for piece in wanted)

    def _pack_one(self, piece: _Piece) -> int:
        checksum, start, length = piece
        with open(self._trees.path(checksum, ".file"), "rb") as stream:  # noqa: PTH123 - many
            stream.seek(start)
            data = stream.read(length)
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW)
        return len(packer.compress(data)) + len(packer.flush())

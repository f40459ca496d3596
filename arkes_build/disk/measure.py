"""Count what files take in a file system: one with several names counts once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.history.trees import Root, Trees

_BLOCK = 4096
_INODE = 256


def least_occupied(trees: Trees, root: Root) -> int:
    """Return what ``occupied`` says at least of a committed tree, without unpacking it."""
    from arkes_build.history.objects import new_objects

    found = new_objects(trees, None, root)
    files = sum(-(-trees.size(checksum) // _BLOCK) * _BLOCK for checksum in found.files)
    return files + len(found.files) * _INODE + len(found.folders) * (_BLOCK + _INODE)


def occupied(folder: Path) -> int:
    """Return the bytes that the files of a folder take in blocks of 4 KiB, inodes included."""
    total, seen = 0, set()
    for place, folders, names in os.walk(folder):
        total += _BLOCK + _INODE
        for name in (*names, *folders):
            state = os.lstat(os.path.join(place, name))  # noqa: PTH118 - a hundred thousand texts
            if (state.st_dev, state.st_ino) in seen:
                continue
            if state.st_nlink > 1:
                seen.add((state.st_dev, state.st_ino))
            if name not in folders:
                total += -(-state.st_size // _BLOCK) * _BLOCK + _INODE
    return total

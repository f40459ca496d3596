"""Say what the deployments take, and how much of it they share, without looking at their files.

A commit says what its tree weighs, and two trees are compared by their checksums, so this costs
what differs between the deployments. A file that lies in one tree at two paths counts twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from arkes_build.history.commits import CommitInfo, History


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The file system that the deployments are on, in bytes; ``free`` is for everybody."""

    size: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Bytes of files: of all trees, each counted for itself, and of what is there but once."""

    trees: int
    unique: int

    @property
    def shared(self) -> int:
        """Return what would be there again if nothing was shared."""
        return self.trees - self.unique


def room(path: Path) -> Room:
    """Return the room of the file system at ``path``; raises ``OSError``."""
    found = os.statvfs(path)
    return Room(size=found.f_blocks * found.f_frsize, free=found.f_bavail * found.f_frsize)


def shares(repository: Path, commits: Iterable[str]) -> Shares:
    """Return what the trees of some commits take.

    Raises ``CommitUnknown``, ``StoreDamaged``.
    """
    from arkes_build.history.commits import History

    history = History(repository)
    infos = [history.commit(commit) for commit in dict.fromkeys(commits)]
    if not infos:
        return Shares(trees=0, unique=0)
    first, *others = infos
    start = _weight(history, first)
    total, new = start, set[str]()
    for info in others:
        more, found = _difference(history, first, info)
        total += start + more
        new |= found
    unique = start + sum(history.trees.size(checksum) for checksum in new)
    return Shares(trees=total, unique=unique)


def _weight(history: History, info: CommitInfo) -> int:
    from arkes_build.history.foreseeing import tree_bytes

    return tree_bytes(history, info.checksum)


def _difference(history: History, one: CommitInfo, other: CommitInfo) -> tuple[int, set[str]]:
    """Return by how many bytes the other tree is larger, and the files that only it has."""
    size, gone, new = 0, set[str](), set[str]()
    for change in history.trees.changes(one.root, other.root):
        for entry, sign, found in ((change.before, -1, gone), (change.after, 1, new)):
            if entry is not None and not entry.is_folder:
                size += sign * history.trees.size(entry.checksum)
                found.add(entry.checksum)
    # What moved is in both.
    return size, new - gone

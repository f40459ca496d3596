"""Find what commits need: each directory is looked into once, however many commits share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Protocol

from arkes_build.delivery.keeping.objects import META, TREE, Name
from arkes_build.store.errors import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Root(Protocol):
    """The root of a tree; ``history.trees.Root`` is one."""

    @property
    def tree(self) -> str:
        """Return the checksum of its directory."""

    @property
    def meta(self) -> str:
        """Return the checksum of that directory's metadata."""


class Folder(Protocol):
    """One directory; ``history.trees.Folder`` is one."""

    @property
    def files(self) -> Mapping[str, str]:
        """Return name → checksum of the files."""

    @property
    def folders(self) -> Mapping[str, tuple[str, str]]:
        """Return name → checksums of tree and metadata of the directories."""


Read = Callable[[str], Folder]
"""Return a directory by the checksum of its tree; raises ``StoreDamaged``."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found: checksums of directories, of their metadata and of files."""

    trees: set[str] = field(default_factory=set)
    metas: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def follow(self, root: Root, read: Read) -> None:
        """Add all that a tree needs. Raises ``StoreDamaged`` when a directory is not there."""
        self.metas.add(root.meta)
        waiting = [root.tree]
        while waiting:
            tree = waiting.pop()
            if tree in self.trees:
                continue
            self.trees.add(tree)
            folder = read(tree)
            self.files.update(folder.files.values())
            for inner, meta in folder.folders.values():
                self.metas.add(meta)
                waiting.append(inner)

    def beyond(self, root: Root, read: Read, *, file: str) -> list[Name]:
        """Return what a tree needs that was not found yet, and count it as found.

        ``file`` is the kind of the repository's files. What is not there is left out.
        """
        new: list[Name] = []
        if root.meta not in self.metas:
            self.metas.add(root.meta)
            new.append(Name(root.meta, META))
        waiting = [root.tree]
        while waiting:
            tree = waiting.pop()
            if tree in self.trees:
                continue
            self.trees.add(tree)
            new.append(Name(tree, TREE))
            folder = _there(tree, read)
            if folder is None:
                continue
            for checksum in folder.files.values():
                if checksum not in self.files:
                    self.files.add(checksum)
                    new.append(Name(checksum, file))
            for inner, meta in folder.folders.values():
                if meta not in self.metas:
                    self.metas.add(meta)
                    new.append(Name(meta, META))
                waiting.append(inner)
        return new


def outermost_first(trees: Iterable[str], read: Read) -> Sequence[str]:
    """Return directories in an order in which each comes before those inside it.

    Removed in this order, a directory that is still there has all that it names, at any
    moment: who finds one takes it for whole, as libostree does when it pulls.
    """
    wanted = sorted(set(trees))
    known = set(wanted)
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(wanted, ()))
    for tree in wanted:
        folder = _there(tree, read)
        for inner, _meta in folder.folders.values() if folder else ():
            if inner in known:
                sorter.add(inner, tree)
    return tuple(sorter.static_order())


def _there(tree: str, read: Read) -> Folder | None:
    try:
        return read(tree)
    except StoreDamaged:
        return None

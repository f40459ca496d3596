"""Find the objects that a machine with one tree does not have of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.history.trees import Root, Trees


@dataclass(slots=True)
class Objects:
    """Checksums of files, of directories, and of owner, mode and xattrs of directories."""

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    metadata: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.files) + len(self.folders) + len(self.metadata)


def new_objects(trees: Trees, before: Root | None, after: Root) -> Objects:
    """Return the objects of folders that differ which those of ``before`` do not have.

    A file counts as there when a folder that changed had it; one that was copied out of an
    unchanged folder counts as new.
    """
    old, new = Objects(), Objects()
    if before:
        old.metadata.add(before.meta)
    new.metadata.add(after.meta)
    waiting = [(before.tree if before else "", after.tree)]
    while waiting:
        pair = waiting.pop()
        if pair[0] == pair[1]:
            continue
        old_folders = _take(trees, pair[0], old)
        new_folders = _take(trees, pair[1], new)
        waiting += [
            (old_folders.get(name, ("", ""))[0], new_folders.get(name, ("", ""))[0])
            for name in {**old_folders, **new_folders}
        ]
    return Objects(new.files - old.files, new.folders - old.folders, new.metadata - old.metadata)


def _take(trees: Trees, tree: str, into: Objects) -> Mapping[str, tuple[str, str]]:
    if not tree:
        return {}
    folder = trees.folder(tree)
    into.folders.add(tree)
    into.files.update(folder.files.values())
    into.metadata.update(meta for _tree, meta in folder.folders.values())
    return folder.folders

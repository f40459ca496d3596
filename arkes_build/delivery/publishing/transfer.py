"""Bring commits from one repository into another: only what is missing is read or written.

What a commit shares with one that is there already, most often its parent, is never looked
into. That something has an object's name there is not enough to trust it with all below it:
a killed run leaves directories without their files. A commit that is there is whole, because
commits get their names last (``store.durable``).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from arkes_build.core.atomic import write_atomically
from arkes_build.store.binding import binding, told
from arkes_build.store.durable import finish
from arkes_build.store.errors import StoreDamaged
from arkes_build.store.folders import EMPTY, Folder, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Root(Protocol):
    """The root of a tree; ``history.trees.Root`` is one."""

    @property
    def tree(self) -> str:
        """Return the checksum of its directory."""

    @property
    def meta(self) -> str:
        """Return the checksum of that directory's metadata."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Checksums of directories, of their metadata and of files."""

    trees: set[str] = field(default_factory=set)
    metas: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def names(self) -> list[str]:
        """Return the files of these objects in an archive repository, sorted."""
        parts = ((self.trees, "dirtree"), (self.metas, "dirmeta"), (self.files, "filez"))
        return sorted(object_path(one, kind) for found, kind in parts for one in found)


def object_path(checksum: str, kind: str) -> str:
    """Return the path of an object inside a repository."""
    return f"objects/{checksum[:2]}/{checksum[2:]}.{kind}"


class Reader:
    """Read directories from the first of several repositories that has them."""

    def __init__(self, *repositories: Path) -> None:
        self._repositories = repositories

    def __call__(self, checksum: str) -> Folder:
        """Return a directory; raises ``StoreDamaged``."""
        for repository in self._repositories:
            try:
                return parse((repository / object_path(checksum, "dirtree")).read_bytes())
            except FileNotFoundError:
                continue
            except (OSError, ValueError, IndexError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is no directory"
                found = f"the directory {checksum} cannot be read: {why}"
                raise StoreDamaged(repository.parent, found=found) from error
        found = f"the directory {checksum} is not there"
        raise StoreDamaged(self._repositories[0].parent, found=found)


def needed(root: Root, base: Root | None, read: Reader, found: Needed | None = None) -> Needed:
    """Add to ``found`` what a tree has and ``base`` does not have at the same place.

    Directories that ``found`` has already are not looked into again.
    """
    found = found or Needed()
    if base is None or root.meta != base.meta:
        found.metas.add(root.meta)
    waiting = [(root.tree, base.tree if base else "")]
    while waiting:
        tree, before = waiting.pop()
        if tree == before or tree in found.trees:
            continue
        found.trees.add(tree)
        folder, old = read(tree), read(before) if before else EMPTY
        found.files.update(one for name, one in folder.files.items() if old.files.get(name) != one)
        for name, (inner, meta) in folder.folders.items():
            pair = old.folders.get(name, ("", ""))
            if meta != pair[1]:
                found.metas.add(meta)
            waiting.append((inner, pair[0]))
    return found


class Transfer:
    """Copy objects from ``source`` to ``target``, an archive repository; both ``OSTree.Repo``."""

    def __init__(self, source: Path, source_repo: Any, target: Path, target_repo: Any) -> None:
        self.source, self._source_repo = source, source_repo
        self.target, self._target_repo = target, target_repo
        self.read = Reader(source, target)

    def bring(self, roots: Mapping[str, tuple[Root, Root | None]], *, jobs: int) -> tuple[int, int]:
        """Bring commits with all they need; return how many objects and bytes that took.

        ``roots`` gives for each commit its root, and the root of one that is there already
        or comes before it. What was read is held against its name. Raises ``DiskFull``,
        ``StoreDamaged``, ``StoreError``.
        """
        found = Needed()
        for root, base in roots.values():
            needed(root, base, self.read, found)
        missing = [name for name in found.names() if not (self.target / name).exists()]
        commits = [object_path(commit, "commit") for commit in roots]
        with told(self.target, doing="publishing"):
            self._target_repo.prepare_transaction(None)
            try:
                with ThreadPoolExecutor(jobs) as pool:
                    for _done in pool.map(self._import, missing):
                        pass
                for name in commits:
                    self._import(name)
                finish(self._target_repo, self.target, {})
            except BaseException:
                self._target_repo.abort_transaction(None)
                raise
        return len(missing) + len(commits), weigh(self.target, (*missing, *commits))

    def details(self, commits: Iterable[str]) -> list[str]:
        """Bring what is said beside commits, such as new signatures; return whose changed."""
        changed = []
        for commit in commits:
            name = object_path(commit, "commitmeta")
            here = _bytes(self.source / name)
            if here and here != _bytes(self.target / name):
                write_atomically(self.target / name, here)
                changed.append(commit)
        return changed

    def _import(self, name: str) -> None:
        checksum, kind = name.removeprefix("objects/").replace("/", "").split(".")
        wanted = _kinds()[kind]
        is_trusted = False
        self._target_repo.import_object_from_with_trust(
            self._source_repo, wanted, checksum, is_trusted, None
        )


def weigh(repository: Path, names: Iterable[str]) -> int:
    """Return the bytes of objects; those that are not there count nothing."""
    total = 0
    for name in names:
        try:
            total += os.stat(f"{repository}/{name}").st_size  # noqa: PTH116 - sixty thousand of them
        except FileNotFoundError:
            continue
    return total


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _kinds() -> Mapping[str, Any]:
    kind = binding().ostree.ObjectType
    return {
        "commit": kind.COMMIT,
        "dirtree": kind.DIR_TREE,
        "dirmeta": kind.DIR_META,
        "filez": kind.FILE,
    }

"""Compare trees by their checksums: what two have in common is never looked into.

Directories are read as the files they are, in any kind of repository (``store/folders.py``).
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from arkes_build.store.errors import StoreDamaged
from arkes_build.store.folders import EMPTY, Folder, parse

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

KEPT = 1 << 15
"""Directories that are remembered: layers and releases have most of theirs in common."""
KEPT_SIZES = 1 << 18
_ZLIB_HEADER = 16
"""Bytes of a compressed file object up to the end of the file's size."""


@dataclass(frozen=True, slots=True)
class Root:
    """The root of a tree: checksums of its directory and of that directory's metadata."""

    tree: str
    meta: str


class Entry(NamedTuple):
    """What stands at a path. ``checksum`` is that of the file, or of a directory's metadata."""

    checksum: str
    is_folder: bool = False


class Change(NamedTuple):
    """A path that is not the same in both trees; None where there is nothing.

    Directories are told for themselves only: their owner, mode and xattrs.
    """

    path: str
    before: Entry | None
    after: Entry | None


class Trees:
    """Read and compare the trees of one repository, bare or archive."""

    def __init__(self, repository: Path, *, staged: bool = False) -> None:
        """Read from ``repository``; ``staged`` says to look also into its open transaction."""
        # libostree collects the objects of a transaction in folders of this name.
        staging = sorted(repository.glob("tmp/staging-*/")) if staged else []
        self._places = tuple(map(str, (*staging, repository / "objects")))
        self.is_archive = b"mode=archive" in (repository / "config").read_bytes()
        self._store = repository.parent
        self._read: dict[str, Folder] = {}
        self._sizes: dict[str, int] = {}

    def folder(self, checksum: str) -> Folder:
        """Return a directory by the checksum of its tree. Raises ``StoreDamaged``."""
        found = self._read.get(checksum)
        if found is None:
            if len(self._read) >= KEPT:
                self._read.clear()
            found = self._read[checksum] = self._folder(checksum)
        return found

    def _folder(self, checksum: str) -> Folder:
        try:
            with open(self.path(checksum, ".dirtree"), "rb") as stream:  # noqa: PTH123 - many
                return parse(stream.read())
        except (OSError, ValueError, IndexError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no directory"
            raise StoreDamaged(
                self._store, found=f"the directory {checksum} cannot be read: {why}"
            ) from error

    def walk(self, root: Root) -> Iterator[tuple[str, Entry]]:
        """Give every path of a tree and what stands there, sorted within each directory."""
        for change in self.changes(None, root):
            if change.after is not None:
                yield change.path, change.after

    def changes(self, before: Root | None, after: Root | None) -> Iterator[Change]:
        """Give every path that differs; paths begin with ``/``. The root itself is ``/``."""
        if before and after and before == after:
            return
        old, new = _entry(before), _entry(after)
        if old != new:
            yield Change("/", old, new)
        waiting = [("", before.tree if before else "", after.tree if after else "")]
        while waiting:
            path, one, other = waiting.pop()
            old_folder = self.folder(one) if one else EMPTY
            new_folder = self.folder(other) if other else EMPTY
            yield from _files(path, old_folder, new_folder)
            waiting += yield from _folders(path, old_folder, new_folder)

    def size(self, checksum: str) -> int:
        """Return the bytes of a file's content; a symbolic link has none.

        Raises ``StoreDamaged`` when the object is not there.
        """
        found = self._sizes.get(checksum)
        if found is None:
            if len(self._sizes) >= KEPT_SIZES:
                self._sizes.clear()
            found = self._sizes[checksum] = self._size(checksum)
        return found

    def _size(self, checksum: str) -> int:
        try:
            if self.is_archive:
                return _archived_size(self.path(checksum, ".filez"))
            state = os.lstat(self.path(checksum, ".file"))
        except OSError as error:
            raise StoreDamaged(
                self._store, found=f"the file {checksum} is not there: {error.strerror}"
            ) from error
        return state.st_size if stat.S_ISREG(state.st_mode) else 0

    def stored(self, checksum: str) -> int:
        """Return the bytes that a file's object has in this repository; 0 if not there."""
        ending = ".filez" if self.is_archive else ".file"
        try:
            return os.lstat(self.path(checksum, ending)).st_size
        except FileNotFoundError:
            return 0

    def path(self, checksum: str, ending: str) -> str:
        """Return where an object is, or would be when it is not there."""
        name = f"{checksum[:2]}/{checksum[2:]}{ending}"
        *staging, objects = self._places
        for place in staging:
            if os.path.lexists(f"{place}/{name}"):
                return f"{place}/{name}"
        return f"{objects}/{name}"


def _entry(root: Root | None) -> Entry | None:
    return None if root is None else Entry(root.meta, is_folder=True)


def _files(path: str, old: Folder, new: Folder) -> Iterator[Change]:
    """Give the names that are a file in one of the directories, and differ."""
    if old.files == new.files:
        return
    for name in sorted({**old.files, **new.files}):
        one, other = old.files.get(name), new.files.get(name)
        if one != other:
            yield Change(
                f"{path}/{name}",
                Entry(one) if one else _standing(old, name),
                Entry(other) if other else _standing(new, name),
            )


def _standing(folder: Folder, name: str) -> Entry | None:
    """Return the directory of that name, in whose place there is a file elsewhere."""
    found = folder.folders.get(name)
    return None if found is None else Entry(found[1], is_folder=True)


def _folders(
    path: str, old: Folder, new: Folder
) -> Generator[Change, None, list[tuple[str, str, str]]]:
    """Give directories that differ for themselves; return those to look into."""
    inside = []
    for name in sorted({**old.folders, **new.folders}, reverse=True):
        one, other = old.folders.get(name), new.folders.get(name)
        if one == other:
            continue
        if one is None or other is None or one[1] != other[1]:
            # A file in its place was told with the files already.
            is_told = name in old.files or name in new.files
            if not is_told:
                yield Change(
                    f"{path}/{name}",
                    one and Entry(one[1], is_folder=True),
                    other and Entry(other[1], is_folder=True),
                )
        trees = (one[0] if one else "", other[0] if other else "")
        if trees[0] != trees[1]:
            inside.append((f"{path}/{name}", *trees))
    return inside


def _archived_size(path: str) -> int:
    """Return the size of a compressed file: of the header ``(tuuuusa(ayay))`` the first number.

    The header's own size and four empty bytes stand before it (ostree-core.c,
    ``_ostree_zlib_file_header_new``). Numbers are big-endian.
    """
    with open(path, "rb") as stream:  # noqa: PTH123 - sixty thousand of them: no Path for each
        return int.from_bytes(stream.read(_ZLIB_HEADER)[8:], "big")

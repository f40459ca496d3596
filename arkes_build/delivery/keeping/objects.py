"""List the objects of a repository by kind, weigh them and remove them.

An object is a file ``objects/XX/YYY.KIND`` (ostree's manual, "Anatomy of an OSTree
repository"). What has another name in there is not ours to judge.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

COMMIT, ABOUT_COMMIT = "commit", "commitmeta"
TREE, META = "dirtree", "dirmeta"
FILES = ("file", "filez")
"""Of a bare repository, and of one for web servers."""
PAYLOAD = "payload-link"
KINDS = frozenset({COMMIT, ABOUT_COMMIT, TREE, META, *FILES, PAYLOAD})
_AT_ONCE = 8
_BLOCK = 512
"""Bytes of one of ``st_blocks``, whatever the file system's own are (stat(2))."""


class Name(NamedTuple):
    """An object's name."""

    checksum: str
    kind: str


@dataclass(frozen=True, slots=True)
class Weight:
    """How many files, their length in bytes, and the bytes of disk that they hold.

    A file that has a second name elsewhere (a checkout with hard links) frees nothing.
    """

    files: int = 0
    size: int = 0
    disk: int = 0

    def __add__(self, other: Weight) -> Weight:
        """Return both together."""
        return Weight(self.files + other.files, self.size + other.size, self.disk + other.disk)


NOTHING = Weight()


class Objects:
    """The objects of one repository."""

    def __init__(self, repository: Path) -> None:
        self._folder = repository / "objects"

    def listed(self) -> dict[str, set[str]]:
        """Return the checksums of all objects by kind; only names are looked at."""
        found: dict[str, set[str]] = defaultdict(set)
        try:
            first = sorted(os.listdir(self._folder))  # noqa: PTH208 - names are all that is wanted
        except FileNotFoundError:
            return found
        for two in first:
            for name in _names(f"{self._folder}/{two}"):
                rest, _, kind = name.partition(".")
                if kind in KINDS:
                    found[kind].add(two + rest)
        return found

    def path(self, name: Name) -> str:
        """Return where an object is."""
        return f"{self._folder}/{name.checksum[:2]}/{name.checksum[2:]}.{name.kind}"

    def payload_of(self, checksum: str) -> str:
        """Return the file that a payload link leads to; empty when it is no such link."""
        try:
            target = os.readlink(self.path(Name(checksum, PAYLOAD)))  # noqa: PTH115 - a text
        except OSError:
            return ""
        return "".join(target.rpartition(".")[0].split("/")[-2:])

    def weigh(self, names: Iterable[Name]) -> Weight:
        """Return what these objects hold together."""
        return weigh(map(self.path, names))

    def remove(self, names: Iterable[Name]) -> Weight:
        """Remove objects in this order, and return what it freed."""
        freed = NOTHING
        for name in names:
            freed += remove(self.path(name))
        return freed

    def sync(self, names: Iterable[Name]) -> None:
        """Let no power cut bring these objects back, now that they are removed."""
        folders = {name.checksum[:2] for name in names}
        # Many at once: the journal then takes them together.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(sync, sorted(f"{self._folder}/{two}" for two in folders)))


def weigh(paths: Iterable[str]) -> Weight:
    """Return what these files hold together; one that is not there holds nothing."""
    files = size = disk = 0
    for path in paths:
        try:
            state = os.lstat(path)
        except OSError:
            continue
        files += 1
        if state.st_nlink == 1:
            size += state.st_size
            disk += state.st_blocks * _BLOCK
    return Weight(files, size, disk)


def remove(path: str) -> Weight:
    """Remove one file and return what it freed; one that is gone already is no trouble."""
    try:
        state = os.lstat(path)
        if stat.S_ISDIR(state.st_mode):
            return NOTHING
        os.unlink(path)  # noqa: PTH108 - sixty thousand of them: no Path for each
    except FileNotFoundError:
        return NOTHING
    is_last = state.st_nlink == 1
    return Weight(1, *((state.st_size, state.st_blocks * _BLOCK) if is_last else (0, 0)))


def sync(folder: str) -> None:
    """Make durable what happened to the names in a folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def files_in(folder: str) -> Iterator[str]:
    """Give all files below a folder; none when there is no such folder."""
    for place, _folders, names in os.walk(folder):
        for name in names:
            yield f"{place}/{name}"


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is wanted
    except NotADirectoryError:
        return []

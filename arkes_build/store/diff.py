"""Read what one layer changes out of its overlay folder, without touching the repository.

What the markers mean is in the kernel's ``filesystems/overlayfs.rst``; the ``.wh.`` names
are those of the OCI image specification (layer.md), which fuse-overlayfs writes too.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.store.errors import LayerUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
RESERVED = ".wh..wh."
MARKERS = ("trusted.overlay.", "user.overlay.", "user.fuseoverlayfs.", "user.containers.")
"""Beginnings of the names of xattrs that belong to the storage, not to the image."""

_OPAQUE_XATTRS = tuple(f"{prefix}opaque" for prefix in MARKERS[:3])
_WHITEOUT_XATTRS = tuple(f"{prefix}whiteout" for prefix in MARKERS[:3])
_REFERS = ("redirect", "metacopy")
_KINDS = {
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
}


class NeedsTree(Exception):
    """Say that the folder refers to content outside it; ``why`` names marker and file."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a layer says about one directory.

    ``is_plain`` means that nothing in it or below is a marker, so that libostree may read
    it by itself. ``count`` is the number of entries below.
    """

    path: str
    folders: Mapping[str, Folder] = field(repr=False)
    files: tuple[str, ...]
    """Regular files and links."""
    removed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    """Name and kind of what OSTree cannot hold; it still hides what was there."""
    is_opaque: bool
    is_plain: bool
    count: int


@dataclass(slots=True)
class _Reading:
    """Collect one directory while it is read."""

    path: str
    name: str
    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    is_opaque: bool = False
    is_plain: bool = True


def read(root: str) -> Folder:
    """Return what the folder of a layer says; its cost follows the folder's size.

    Raises ``NeedsTree`` for a redirect or metacopy, ``LayerUnreadable`` for a name that
    OSTree cannot hold, ``OSError`` when the folder cannot be read.
    """
    # Not recursive: a hostile image may be deeper than Python's stack.
    readings = [_directory(root, "")]
    parents = [-1]
    at = 0
    while at < len(readings):
        for name in readings[at].folders:
            readings.append(_directory(f"{readings[at].path}/{name}", name))
            parents.append(at)
        at += 1
    return _assembled(readings, parents)


def _assembled(readings: list[_Reading], parents: list[int]) -> Folder:
    """Build the folders from the deepest up: every child stands after its parent."""
    children: list[dict[str, Folder]] = [{} for _ in readings]
    for at in range(len(readings) - 1, -1, -1):
        reading, inside = readings[at], children[at]
        made = Folder(
            path=reading.path,
            folders=dict(sorted(inside.items())),
            files=tuple(sorted(reading.files)),
            removed=tuple(sorted(reading.removed)),
            skipped=tuple(sorted(reading.skipped)),
            is_opaque=reading.is_opaque,
            is_plain=reading.is_plain and all(child.is_plain for child in inside.values()),
            count=len(reading.files) + sum(child.count + 1 for child in inside.values()),
        )
        if at == 0:
            return made
        children[parents[at]][reading.name] = made
        children[at] = {}
    raise AssertionError  # pragma: no cover - the root is always there


def _directory(path: str, name: str) -> _Reading:
    reading = _Reading(path=path, name=name)
    for xattr in _markers(path):
        reading.is_plain = False
        if xattr in _OPAQUE_XATTRS:
            reading.is_opaque = os.getxattr(path, xattr, follow_symlinks=False) == b"y"
    with os.scandir(path) as entries:
        for entry in entries:
            _entry(reading, entry)
    return reading


def _entry(reading: _Reading, entry: os.DirEntry[str]) -> None:
    name = entry.name
    if not name.isascii():
        must_be_unicode(name, entry.path)
    if name.startswith(WHITEOUT):
        reading.is_plain = False
        if name == OPAQUE:
            reading.is_opaque = True
        elif not name.startswith(RESERVED):
            reading.removed.append(name.removeprefix(WHITEOUT))
    elif entry.is_dir(follow_symlinks=False):
        reading.folders.append(name)
    elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
        _file(reading, entry)
    else:
        _special(reading, entry)


def _file(reading: _Reading, entry: os.DirEntry[str]) -> None:
    if entry.is_symlink():
        must_be_unicode(os.readlink(entry.path), entry.path)  # noqa: PTH115 - a text is wanted
    for xattr in _markers(entry.path):
        reading.is_plain = False
        if xattr in _WHITEOUT_XATTRS:
            reading.removed.append(entry.name)
            return
    reading.files.append(entry.name)


def _special(reading: _Reading, entry: os.DirEntry[str]) -> None:
    reading.is_plain = False
    found = entry.stat(follow_symlinks=False)
    if stat.S_ISCHR(found.st_mode) and found.st_rdev == 0:
        reading.removed.append(entry.name)
    else:
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "special file")
        reading.skipped.append((entry.name, kind))


def _markers(path: str) -> list[str]:
    """Return the storage's own xattrs of a file; raise ``NeedsTree`` for one that refers away."""
    names = os.listxattr(path, follow_symlinks=False)
    if not names:
        return names
    found = [name for name in names if name.startswith(MARKERS)]
    for name in found:
        if name.endswith(_REFERS) or name.startswith(MARKERS[3]):
            raise NeedsTree(f"{name} on {path}")
    return found


def must_be_unicode(text: str, path: str) -> None:
    """Refuse a name or a link's target that is not UTF-8: OSTree's format has no way to hold it.

    (``ostree-core.h``: names in a dirtree, and targets in a file's header, are ``s``.)
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LayerUnreadable(
            path,
            why="its name or target is not UTF-8, which OSTree cannot hold",
            resolution="rename or remove it in the Containerfile step that makes it",
        ) from error

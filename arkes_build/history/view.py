"""Read what a tree's files say: their bytes, their owner and mode, where links lead.

A bare repository has each file as it is. One that is served has it compressed behind a
header, ``(tuuuusa(ayay))`` with all numbers big-endian: size, owner, group, mode, device, the
target of a link, extended attributes (ostree-core.c, ``_ostree_zlib_file_header_new``).
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.history.trees import Entry, Root, Trees
    from arkes_build.store.folders import Folder

LARGEST = 64 << 20
"""Most bytes of one file that are read to see what it says."""
_PIECE = 1 << 20
_HEADER = struct.Struct(">QIIII")
_HEADER_SIZE = struct.Struct(">I")
_HEADER_AT = 8
_FOLDER = struct.Struct(">III")


class ContentUnreadable(ArkesError):
    """Report a file of a tree whose object is missing, or is not what it should be."""

    exit_code = ExitCode.STORE

    def __init__(self, checksum: str, *, why: str) -> None:
        super().__init__(
            f"the file {checksum} cannot be read: {why}",
            resolution="`arkes-build fsck` finds out what else is damaged, and repairs it",
        )


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a file or directory; ``target`` is that of a link."""

    mode: int
    uid: int
    gid: int
    size: int = 0
    target: str | None = None


class Files:
    """Read file objects of a repository, bare or archive."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees

    def read(self, checksum: str) -> bytes:
        """Return a regular file's bytes, at most ``LARGEST``; a link has none."""
        path = self._trees.path(checksum, ".file")
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as stream:
                return stream.read(LARGEST)
        except FileNotFoundError:
            return self._unpacked(checksum)
        except OSError as error:
            if error.errno == errno.ELOOP:
                return b""
            raise ContentUnreadable(checksum, why=str(error.strerror)) from error

    def pieces(self, checksum: str) -> Iterator[bytes]:
        """Give a regular file's bytes, a megabyte at a time, whatever its size."""
        try:
            with Path(self._trees.path(checksum, ".file")).open("rb") as stream:
                while data := stream.read(_PIECE):
                    yield data
        except FileNotFoundError:
            yield self._unpacked(checksum)

    def about(self, entry: Entry) -> About:
        """Return owner and mode of what stands at a path; size and target of a file."""
        if entry.is_folder:
            return self._about_folder(entry.checksum)
        path = self._trees.path(entry.checksum, ".file")
        try:
            state = os.lstat(path)
            target = str(Path(path).readlink()) if stat.S_ISLNK(state.st_mode) else None
        except FileNotFoundError:
            return _about(self._archived(entry.checksum), entry.checksum)
        except OSError as error:
            raise ContentUnreadable(entry.checksum, why=str(error.strerror)) from error
        size = state.st_size if target is None else 0
        return About(stat.S_IMODE(state.st_mode), state.st_uid, state.st_gid, size, target)

    def _about_folder(self, checksum: str) -> About:
        path = Path(self._trees.path(checksum, ".dirmeta"))
        try:
            uid, gid, mode = _FOLDER.unpack_from(path.read_bytes())
        except (OSError, struct.error) as error:
            raise ContentUnreadable(checksum, why="it is no directory's metadata") from error
        return About(stat.S_IMODE(mode), uid, gid)

    def _archived(self, checksum: str) -> bytes:
        path = Path(self._trees.path(checksum, ".filez"))
        try:
            with path.open("rb") as stream:
                return stream.read(LARGEST)
        except OSError as error:
            raise ContentUnreadable(checksum, why=str(error.strerror)) from error

    def _unpacked(self, checksum: str) -> bytes:
        data = self._archived(checksum)
        try:
            (header,) = _HEADER_SIZE.unpack_from(data)
            # wbits: without zlib's own header, as libostree writes it
            return zlib.decompressobj(wbits=-15).decompress(data[_HEADER_AT + header :], LARGEST)
        except (struct.error, zlib.error) as error:
            raise ContentUnreadable(checksum, why="it is not compressed as it should be") from error


def _about(data: bytes, checksum: str) -> About:
    try:
        size, uid, gid, mode, _device = _HEADER.unpack_from(data, _HEADER_AT)
        start = _HEADER_AT + _HEADER.size
        target = os.fsdecode(data[start : data.index(0, start)])
    except (struct.error, ValueError) as error:
        raise ContentUnreadable(checksum, why="its header is damaged") from error
    return About(stat.S_IMODE(mode), uid, gid, size, target if stat.S_ISLNK(mode) else None)


class View:
    """Look at one tree by paths, which are relative. Links are not followed."""

    def __init__(self, trees: Trees, root: Root) -> None:
        self._trees = trees
        self.files = Files(trees)
        self._folders: dict[str, Folder | None] = {"": trees.folder(root.tree)}

    def folder(self, path: str) -> Folder | None:
        """Return a directory, None when there is none at that path."""
        if path not in self._folders:
            above, _, name = path.rpartition("/")
            parent = self.folder(above)
            found = parent.folders.get(name) if parent else None
            self._folders[path] = self._trees.folder(found[0]) if found else None
        return self._folders[path]

    def file(self, path: str) -> str | None:
        """Return the checksum of the file or link at a path, None when there is none."""
        above, _, name = path.rpartition("/")
        folder = self.folder(above)
        return folder.files.get(name) if folder else None

    def read(self, path: str) -> bytes | None:
        """Return a file's content, None when there is no such file."""
        checksum = self.file(path)
        return None if checksum is None else self.files.read(checksum)

    def names(self, path: str) -> tuple[str, ...]:
        """Return the sorted names in a directory; none when there is no such directory."""
        folder = self.folder(path)
        return tuple(sorted((*folder.files, *folder.folders))) if folder else ()

    def text(self, path: str) -> str:
        """Return a file's text, undecodable bytes replaced; empty when there is no file."""
        return (self.read(path) or b"").decode("utf-8", "replace")

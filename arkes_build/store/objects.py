"""Write files, links and directories' metadata as OSTree objects, one at a time."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding
from arkes_build.store.diff import MARKERS, must_be_unicode
from arkes_build.store.errors import LayerUnreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

INLINE = 8 << 20
"""Largest file that is read whole, in bytes; longer ones are written piece by piece."""
_PIECE = 1 << 20

Xattrs = tuple[tuple[str, bytes], ...]


class Objects:
    """Write objects into a repository's open transaction; usable from several threads."""

    def __init__(self, repo: Any) -> None:
        self._repo = repo
        self._binding = binding()
        self._folders: dict[tuple[int, int, int, Xattrs], str] = {}
        self._none = self._variant(())

    def file(self, path: str) -> str:
        """Write the regular file or link at ``path`` with its metadata; return its checksum.

        Raises ``LayerUnreadable`` when it is gone or became something else meanwhile.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise vanished(path) from error
        except OSError:
            return self._link(path)
        try:
            return self._regular(path, descriptor)
        finally:
            os.close(descriptor)

    def text(self, data: bytes, *, mode: int = 0o644) -> str:
        """Write a regular file of ours: owner root, no xattrs; return its checksum."""
        return str(
            self._repo.write_regfile_inline(None, 0, 0, stat.S_IFREG | mode, self._none, data, None)
        )

    def link(self, target: str) -> str:
        """Write a symbolic link of ours: owner root, no xattrs; return its checksum."""
        return str(self._repo.write_symlink(None, 0, 0, self._none, target, None))

    def folder(self, path: str) -> str:
        """Write owner, mode and xattrs of the directory at ``path``; return their checksum."""
        found = os.lstat(path)
        return self.folder_metadata(
            found.st_mode, uid=found.st_uid, gid=found.st_gid, xattrs=_xattrs(path)
        )

    def folder_metadata(self, mode: int, *, uid: int = 0, gid: int = 0, xattrs: Xattrs = ()) -> str:
        """Write a directory's metadata; return their checksum."""
        about = (uid, gid, stat.S_IFDIR | stat.S_IMODE(mode), xattrs)
        if about not in self._folders:
            gio, ostree = self._binding.gio, self._binding.ostree
            info = gio.FileInfo()
            for name, value in zip(("uid", "gid", "mode"), about[:3], strict=True):
                info.set_attribute_uint32(f"unix::{name}", value)
            info.set_file_type(gio.FileType.DIRECTORY)
            metadata = ostree.create_directory_metadata(info, self._variant(xattrs))
            done = self._repo.write_metadata(ostree.ObjectType.DIR_META, None, metadata, None)
            self._folders[about] = bytes(done[1]).hex()
        return self._folders[about]

    def _link(self, path: str) -> str:
        try:
            found = os.lstat(path)
            target = os.readlink(path)  # noqa: PTH115 - the text as it is, nothing resolved
        except OSError as error:
            raise vanished(path) from error
        must_be_unicode(target, path)
        xattrs = self._variant(_xattrs(path))
        return str(self._repo.write_symlink(None, found.st_uid, found.st_gid, xattrs, target, None))

    def _regular(self, path: str, descriptor: int) -> str:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise vanished(path)
        about = (found.st_uid, found.st_gid, found.st_mode)
        xattrs = self._variant(_xattrs(descriptor))
        if found.st_size > INLINE:
            return self._long(path, descriptor, about, xattrs)
        data = b""
        while piece := os.read(descriptor, INLINE + 1):
            data = data + piece if data else piece
        return str(self._repo.write_regfile_inline(None, *about, xattrs, data, None))

    def _long(self, path: str, descriptor: int, about: tuple[int, int, int], xattrs: Any) -> str:
        size = os.fstat(descriptor).st_size
        writer = self._repo.write_regfile(None, *about, size, xattrs)
        written = 0
        while piece := os.read(descriptor, _PIECE):
            written += len(piece)
            writer.write_all(piece, None)
        if written != size:
            raise vanished(path)
        return str(writer.finish(None))

    def _variant(self, xattrs: Sequence[tuple[str, bytes]]) -> Any:
        pairs = [(os.fsencode(name) + b"\0", value) for name, value in xattrs]
        return self._binding.glib.Variant("a(ayay)", pairs)


def vanished(path: str) -> LayerUnreadable:
    """Return the error for a file that is not what it was a moment ago."""
    return LayerUnreadable(
        path,
        why="it changed or went away while it was read",
        resolution="see that no other program removes or changes podman's images, and run again",
    )


def _xattrs(file: str | int) -> Xattrs:
    """Return the xattrs that belong to the image, sorted by name.

    Those without a value are left out as libostree does (libglnx, ``read_xattr_name_array``),
    so that a file is the same object whichever of us reads it.
    """
    follow = {} if isinstance(file, int) else {"follow_symlinks": False}
    names = os.listxattr(file, **follow)
    if not names:
        return ()
    kept = sorted(name for name in names if not name.startswith(MARKERS))
    found = ((name, os.getxattr(file, name, **follow)) for name in kept)
    return tuple((name, value) for name, value in found if value)

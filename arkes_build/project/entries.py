"""Describe one file, folder or link of a context: what it is, never whose or how old.

Decision on modes: a checkout's umask must not change a key, so a file is 0644, or
0755 when its owner may execute it (git keeps no more), and a folder 0755. Setuid, setgid
and sticky of files and the sticky bit of folders are kept: no umask sets them. A folder's
setgid is dropped: it is inherited from whatever folder the checkout happens to be in.
Finer modes are said where they are meant: ``COPY --chmod``, ``RUN chmod``, tmpfiles.d.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from arkes_build.core.digest import bytes_digest, file_digest
from arkes_build.project.model import ContextFile

if TYPE_CHECKING:
    from pathlib import Path

CAPABILITY = "security.capability"
"""The extended attribute that holds a file's capabilities (capabilities(7))."""

_AT_ONCE = 1 << 20
"""Files up to this many bytes are read in one go."""


class RefusedEntry(Exception):
    """Say why something on disk can be no part of a build context."""

    def __init__(
        self, code: str, message: str, remedy: str, *, slip: tuple[str, str] | None = None
    ) -> None:
        """Take ``slip``, a part of the path and what is nearly called so, when that is it."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.slip = slip


def describe(file: Path, path: str) -> ContextFile:
    """Return what ``file`` is, under the name ``path``; links are not followed.

    Raises ``OSError`` when it cannot be read, ``RefusedEntry`` when it is neither file,
    folder nor link, or its name or target is no UTF-8.
    """
    if "\0" in path:
        # a JSON list may say so, and the kernel has no such names
        raise FileNotFoundError(path)
    _refuse_bytes(path, "the name of", path)
    status = file.lstat()
    mode = status.st_mode
    if stat.S_ISLNK(mode):
        target = os.readlink(file)  # noqa: PTH115 - Path would tidy the text up
        _refuse_bytes(target, "the target of", path)
        return ContextFile(path=path, type="link", mode=0o777, target=target)
    if stat.S_ISDIR(mode):
        kept = 0o755 | (mode & stat.S_ISVTX)
        return ContextFile(path=path, type="dir", mode=kept, xattrs=_xattrs(file))
    if stat.S_ISREG(mode):
        return ContextFile(
            path=path,
            type="file",
            mode=(0o755 if mode & stat.S_IXUSR else 0o644) | (mode & 0o7000),
            digest=_content(file, status.st_size),
            xattrs=_xattrs(file),
            size=status.st_size,
        )
    raise RefusedEntry(
        "special-file",
        f"{path!r} is {_kind(mode)}: only files, folders and links can be copied",
        "remove it, or name it in .containerignore",
    )


def _content(file: Path, size: int) -> str:
    return bytes_digest(file.read_bytes()) if size <= _AT_ONCE else file_digest(file)


def _xattrs(file: Path) -> tuple[tuple[str, str], ...]:
    """Return the attributes that mean something in an image; a machine's own are left out."""
    try:
        names = os.listxattr(file, follow_symlinks=False)
    except OSError:
        # a file system without attributes has none
        return ()
    kept = sorted(name for name in names if name.startswith("user.") or name == CAPABILITY)
    return tuple(
        (name, bytes_digest(os.getxattr(file, name, follow_symlinks=False))) for name in kept
    )


def _refuse_bytes(text: str, what: str, path: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # repr shows Python's stand-in for a byte: \udce9 for 0xe9
        shown = repr(path).replace("\\udc", "\\x")
        raise RefusedEntry(
            "path-not-utf8", f"{what} {shown} is not UTF-8", "give it a name in UTF-8"
        ) from None


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFBLK: "a block device",
        stat.S_IFCHR: "a character device",
    }
    return kinds.get(stat.S_IFMT(mode), "of an unknown kind")

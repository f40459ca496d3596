"""Write tar entries that never vary: owner 0:0, times 0, no names of users.

The pieces of several entries, one after the other, and ``END`` make a tar (POSIX.1-2001,
PAX). Extended attributes are PAX records ``SCHILY.xattr.NAME``.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from arkes_build.core.digest import bytes_digest
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

END = b"\0" * tarfile.BLOCKSIZE * 2
"""What closes a tar."""

_CHUNK = 1 << 20
_TYPES = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link"}


class ContentChanged(ArkesError):
    """Report that a file was changed between planning and using it."""

    exit_code = ExitCode.PROJECT

    def __init__(self, path: str, *, what: str) -> None:
        super().__init__(
            f"{path} changed since it was planned: {what}",
            resolution="run again; if a program writes this file all the time, "
            "keep it out of the build context",
        )
        self.path = path


def parents(paths: Iterable[str]) -> set[str]:
    """Return every folder above the paths, so that none comes to be with a chance mode."""
    return {str(up) for path in paths for up in PurePosixPath(path).parents if str(up) != "."}


def folder(path: str, mode: int = 0o755, xattrs: Mapping[str, str] | None = None) -> bytes:
    """Return a folder's entry."""
    return header(path, kind="dir", mode=mode, xattrs=xattrs)


def content(path: str, data: bytes, mode: int = 0o644) -> bytes:
    """Return the entry of a file with this content."""
    return header(path, kind="file", mode=mode, size=len(data)) + data + padding(len(data))


def from_disk(
    path: str,
    source: Path,
    *,
    kind: str,
    mode: int,
    digest: str = "",
    target: str = "",
    xattrs: Iterable[tuple[str, str]] = (),
) -> Iterator[bytes]:
    """Yield the entry ``path`` made from ``source`` on disk, in pieces.

    ``kind`` is ``file``, ``dir`` or ``link``; ``digest`` the sha256 of a file's content,
    ``xattrs`` pairs of name and sha256 of the value. Raises ``ContentChanged`` when the
    disk has something else, at the latest before a file's last piece.
    """
    try:
        _check_kind(path, kind, source.lstat().st_mode)
        values = _values(path, source, xattrs)
        if kind == "file":
            yield from _file(path, source, mode=mode, digest=digest, xattrs=values)
        elif kind == "dir":
            yield folder(path, mode, values)
        elif os.readlink(source) != target:  # noqa: PTH115 - its exact text, not a path
            raise ContentChanged(path, what="it points elsewhere")
        else:
            yield header(path, kind="link", mode=0o777, target=target, xattrs=values)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ContentChanged(path, what="it is gone") from error
    except OSError as error:
        raise ContentChanged(path, what=f"it cannot be read ({error.strerror})") from error


def header(
    path: str,
    *,
    kind: str,
    mode: int,
    size: int = 0,
    target: str = "",
    xattrs: Mapping[str, str] | None = None,
) -> bytes:
    """Return an entry's header; ``size`` bytes of content and their padding must follow."""
    info = tarfile.TarInfo(path)
    info.type = _TYPES[kind]
    info.mode = mode
    info.size = size
    info.linkname = target
    info.pax_headers = {f"SCHILY.xattr.{name}": value for name, value in (xattrs or {}).items()}
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> bytes:
    """Return the zeros that must follow ``size`` bytes of content."""
    return b"\0" * (-size % tarfile.BLOCKSIZE)


def _file(
    path: str, source: Path, *, mode: int, digest: str, xattrs: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield header and content; the last piece only when the digest is right."""
    found = hashlib.sha256()
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        size = left = os.fstat(descriptor).st_size
        yield header(path, kind="file", mode=mode, size=size, xattrs=xattrs)
        piece = b""
        while left:
            if piece:
                yield piece
            piece = stream.read(min(_CHUNK, left))
            found.update(piece)
            left -= len(piece)
            if not piece:
                break
        if left or stream.read(1) or found.hexdigest() != digest:
            raise ContentChanged(path, what="its content is another")
    yield piece + padding(size)


def _check_kind(path: str, kind: str, mode: int) -> None:
    found = _KINDS.get(stat.S_IFMT(mode), "device")
    if found != kind:
        raise ContentChanged(path, what=f"it was a {kind} and is a {found}")


def _values(path: str, source: Path, xattrs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the attributes' values, as text that encodes back to their bytes."""
    values = {}
    for name, digest in xattrs:
        try:
            value = os.getxattr(source, name, follow_symlinks=False)
        except OSError as error:
            if error.errno not in {errno.ENODATA, errno.ENOTSUP}:
                raise
            raise ContentChanged(path, what=f"its attribute {name} is gone") from error
        if bytes_digest(value) != digest:
            raise ContentChanged(path, what=f"its attribute {name} is another")
        values[name] = value.decode("utf-8", "surrogateescape")
    return values

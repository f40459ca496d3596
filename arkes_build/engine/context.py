"""Pack a build context: exactly the planned files, as one tar that never varies."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from arkes_build.core.digest import bytes_digest
from arkes_build.engine.errors import ContextChanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.project.model import ContextFile
    from arkes_build.render.model import Rendered

CONTAINERFILE = ".arkes/Containerfile"
"""Where the rendered text stands in the context, out of the way of people's own files."""

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 20
_TYPES = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


def pack(rendered: Rendered, folder: Path | None) -> Iterator[bytes]:
    """Yield the context's tar piece by piece, names sorted, owner 0:0, times 0.

    Raises ``ContextChanged`` as soon as a file is not what the plan has seen. Extended
    attributes travel as PAX records ``SCHILY.xattr.NAME``, which buildah honours for
    ``user.*`` and ``security.capability``.
    """
    inline = {**rendered.inline, CONTAINERFILE: rendered.text.encode("utf-8", "surrogateescape")}
    planned = {item.path: item for item in rendered.files}
    for path in sorted({*_parents([*planned, *inline]), *planned, *inline}):
        if path in inline:
            yield from _bytes(path, inline[path])
        elif path in planned and folder is not None:
            yield from _entry(planned[path], folder)
        else:
            yield _header(path, kind="dir", mode=0o755)
    yield b"\0" * _BLOCK * 2


def _parents(paths: list[str]) -> set[str]:
    """Return every folder above the paths, so that none comes to be with chance modes."""
    return {str(up) for path in paths for up in PurePosixPath(path).parents if str(up) != "."}


def _header(
    path: str,
    *,
    kind: str,
    mode: int,
    size: int = 0,
    target: str = "",
    xattrs: Mapping[str, str] | None = None,
) -> bytes:
    info = tarfile.TarInfo(path)
    info.type = _TYPES[kind]
    info.mode = mode
    info.size = size
    info.linkname = target
    info.pax_headers = {f"SCHILY.xattr.{name}": value for name, value in (xattrs or {}).items()}
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _bytes(path: str, data: bytes) -> Iterator[bytes]:
    yield _header(path, kind="file", mode=0o644, size=len(data))
    yield data + _padding(len(data))


def _entry(item: ContextFile, folder: Path) -> Iterator[bytes]:
    source = folder / item.path
    try:
        _check_type(item, source.lstat().st_mode)
        xattrs = _xattrs(item, source)
        if item.type == "file":
            yield from _file(item, source, xattrs)
        elif item.type == "link":
            if str(source.readlink()) != item.target:
                raise ContextChanged(item.path, what="it points elsewhere")
            yield _header(item.path, kind="link", mode=0o777, target=item.target, xattrs=xattrs)
        else:
            yield _header(item.path, kind="dir", mode=item.mode, xattrs=xattrs)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ContextChanged(item.path, what="it is gone") from error
    except OSError as error:
        raise ContextChanged(item.path, what=f"it cannot be read ({error.strerror})") from error


def _file(item: ContextFile, source: Path, xattrs: Mapping[str, str]) -> Iterator[bytes]:
    """Yield a file's header and content; the last piece only when the digest is right."""
    content = hashlib.sha256()
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        size = left = os.fstat(descriptor).st_size
        yield _header(item.path, kind="file", mode=item.mode, size=size, xattrs=xattrs)
        piece = b""
        while left:
            if piece:
                yield piece
            piece = stream.read(min(_CHUNK, left))
            content.update(piece)
            left -= len(piece)
            if not piece:
                break
        if left or stream.read(1) or content.hexdigest() != item.digest:
            raise ContextChanged(item.path, what="its content is another")
    yield piece + _padding(size)


def _check_type(item: ContextFile, mode: int) -> None:
    found = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link"}.get(stat.S_IFMT(mode))
    if found != item.type:
        raise ContextChanged(item.path, what=f"it was a {item.type} and is a {found or 'device'}")


def _xattrs(item: ContextFile, source: Path) -> dict[str, str]:
    """Return the planned attributes' values, as text that encodes back to their bytes."""
    values = {}
    for name, digest in item.xattrs:
        try:
            value = os.getxattr(source, name, follow_symlinks=False)
        except OSError as error:
            if error.errno not in (errno.ENODATA, errno.ENOTSUP):
                raise
            raise ContextChanged(item.path, what=f"its attribute {name} is gone") from error
        if bytes_digest(value) != digest:
            raise ContextChanged(item.path, what=f"its attribute {name} is another")
        values[name] = value.decode("utf-8", "surrogateescape")
    return values


def _padding(size: int) -> bytes:
    return b"\0" * (-size % _BLOCK)

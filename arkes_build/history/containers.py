"""Look inside a file that holds others: compressed files, archives, an initramfs, bytecode."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.core.errors import ArkesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MOST = 512 * 1024 * 1024
"""Bytes that are unpacked of one file at most."""
_MOST_MEMBERS = 200_000
_ALIGNED = 4
_CPIO = (b"070701", b"070702")
_CPIO_HEADER = 110
_CPIO_FIELDS = ("inode", "mode", "uid", "gid", "links", "mtime", "size", "major", "minor")
_CPIO_NAME = 11
"""Which of the eight-digit numbers of the header is the length of the name."""
_AR = b"!<arch>\n"
_AR_HEADER = 60
_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b\x08"
_PYC_HEADER = 16
_PYC_LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A part of a file: its name, what its header says, and its content."""

    name: str
    data: bytes
    header: Mapping[str, str] = field(default_factory=dict)


class NotReadable(ValueError):
    """Say that a file only looks like one that holds others."""


def members(data: bytes, name: str = "") -> tuple[Member, ...] | None:
    """Return the parts of a content in their order; None when it is no container we know.

    Known are gzip, zstd, xz and bzip2, tar, cpio (newc), ar, Python's bytecode, and what
    an initramfs is: cpio archives behind each other, the last one compressed.
    """
    if len(data) > MOST:
        return None
    opener = _opener(data, name)
    if opener is None:
        return None
    try:
        return tuple(opener(data))
    except (ValueError, IndexError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        del error
        return None
    except (tarfile.TarError, ArkesError):
        return None


def _opener(data: bytes, name: str) -> Callable[[bytes], Iterator[Member]] | None:
    for magic, opener in _MAGIC:
        if data.startswith(magic):
            return opener
    if data[257:262] == b"ustar":
        return _tar
    if name.endswith(".pyc") and data[2:4] == _PYC_LINE_END:
        return _pyc
    return None


def _gzip(data: bytes) -> Iterator[Member]:
    """Read RFC 1952: the header's time, flags and name are a part of what may differ."""
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(data, MOST)
    name = b""
    if data[3] & 0x08 and not data[3] & 0x04:
        name = data[10 : data.index(0, 10)]
    header = {
        "mtime": str(int.from_bytes(data[4:8], "little")),
        "level": str(data[8]),
        "system": str(data[9]),
        "name": name.decode("utf-8", "replace"),
    }
    yield Member(name="gzip", data=plain, header=header)
    if unpacker.unused_data.strip(b"\0"):
        yield Member(name="rest", data=unpacker.unused_data)


def _xz(data: bytes) -> Iterator[Member]:
    yield Member(name="xz", data=lzma.LZMADecompressor().decompress(data, MOST))


def _bzip2(data: bytes) -> Iterator[Member]:
    yield Member(name="bzip2", data=bz2.BZ2Decompressor().decompress(data, MOST))


def _zstd(data: bytes) -> Iterator[Member]:
    """Unpack with the program: Python has no zstd before 3.14."""
    with tempfile.TemporaryDirectory(prefix="arkes-zstd-") as folder:
        packed, plain = Path(folder, "packed.zst"), Path(folder, "plain")
        packed.write_bytes(data)
        argv = ["zstd", "-d", "-q", "-f", f"--memory={MOST}", "-o", str(plain), str(packed)]
        process.run(argv, check=False, timeout=120)
        with plain.open("rb") as stream:
            yield Member(name="zstd", data=stream.read(MOST))


def _tar(data: bytes) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=1) as archive:
        for item in archive:
            stream = archive.extractfile(item) if item.isreg() else None
            yield Member(
                name=item.name,
                data=stream.read() if stream else b"",
                header={
                    "mtime": str(item.mtime),
                    "mode": f"{item.mode:04o}",
                    "owner": f"{item.uid}:{item.gid} {item.uname}:{item.gname}",
                    "kind": item.type.decode("ascii", "replace"),
                    "link": item.linkname,
                },
            )


def _cpio(data: bytes) -> Iterator[Member]:
    """Read newc archives one behind the other (kernel, early-userspace/buffer-format)."""
    at, archive, count = 0, 1, 0
    while data.startswith(_CPIO, at):
        numbers = [
            int(data[start : start + 8], 16) for start in range(at + 6, at + _CPIO_HEADER, 8)
        ]
        header = dict(zip(_CPIO_FIELDS, numbers, strict=False))
        name_at = at + _CPIO_HEADER
        name = data[name_at : name_at + numbers[_CPIO_NAME] - 1].decode("utf-8", "replace")
        begin = _aligned(name_at + numbers[_CPIO_NAME])
        end = begin + header["size"]
        if end > len(data) or (count := count + 1) > _MOST_MEMBERS:
            raise NotReadable(name)
        at = _aligned(end)
        if name == "TRAILER!!!":
            archive += 1
            # Zeros up to a block's end stand between two archives.
            at = len(data) - len(data[at:].lstrip(b"\0"))
            continue
        yield Member(
            name=name if archive == 1 else f"archive {archive}: {name}",
            data=data[begin:end],
            header={
                "inode": str(header["inode"]),
                "mtime": str(header["mtime"]),
                "mode": f"{header['mode']:06o}",
                "owner": f"{header['uid']}:{header['gid']}",
                "links": str(header["links"]),
            },
        )
    if at < len(data):
        yield Member(name="what follows the archive", data=data[at:])


def _aligned(at: int) -> int:
    return (at + _ALIGNED - 1) // _ALIGNED * _ALIGNED


def _ar(data: bytes) -> Iterator[Member]:
    at = len(_AR)
    while at + _AR_HEADER <= len(data):
        header = data[at : at + _AR_HEADER].decode("ascii", "replace")
        size = int(header[48:58])
        begin = at + _AR_HEADER
        yield Member(
            name=header[:16].strip(),
            data=data[begin : begin + size],
            header={
                "mtime": header[16:28].strip(),
                "owner": f"{header[28:34].strip()}:{header[34:40].strip()}",
                "mode": header[40:48].strip(),
            },
        )
        at = begin + size + size % 2


def _pyc(data: bytes) -> Iterator[Member]:
    """Read the header of PEP 552: a time and a size, or a hash of the source."""
    flags = int.from_bytes(data[4:8], "little")
    header = {"magic": data[:2].hex(), "flags": str(flags)}
    if flags:
        header["source hash"] = data[8:16].hex()
    else:
        header["mtime"] = str(int.from_bytes(data[8:12], "little"))
        header["source size"] = str(int.from_bytes(data[12:16], "little"))
    yield Member(name="code", data=data[_PYC_HEADER:], header=header)


_MAGIC: tuple[tuple[bytes, Callable[[bytes], Iterator[Member]]], ...] = (
    (_GZIP, _gzip),
    (_ZSTD, _zstd),
    (b"\xfd7zXZ\0", _xz),
    (b"BZh", _bzip2),
    (_AR, _ar),
    *((magic, _cpio) for magic in _CPIO),
)

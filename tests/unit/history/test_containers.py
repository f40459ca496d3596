"""What is inside a file, whatever holds it."""

import bz2
import gzip
import io
import lzma
import subprocess
import tarfile

import pytest

from arkes_build.history.containers import members


def gz(data, time=7):
    stream = io.BytesIO()
    with gzip.GzipFile("a.txt", mode="wb", fileobj=stream, mtime=time) as packed:
        packed.write(data)
    return stream.getvalue()


def cpio(*files, time=7):
    """Return a newc archive of (name, content), with its trailer."""
    made = b""
    for at, (name, data) in enumerate((*files, ("TRAILER!!!", b"")), 1):
        raw = name.encode() + b"\0"
        numbers = (at, 0o100644, 0, 0, 1, time, len(data), 0, 0, 0, 0, len(raw), 0)
        head = b"070701" + b"".join(b"%08x" % value for value in numbers) + raw
        made += head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
    return made


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def tar(*files):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files:
            item = tarfile.TarInfo(name)
            item.size, item.mtime = len(data), 7
            archive.addfile(item, io.BytesIO(data))
    return stream.getvalue()


def ar(*files):
    made = b"!<arch>\n"
    for name, data in files:
        made += f"{name + '/':<16}{7:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
        made += data + b"\n" * (len(data) % 2)
    return made


PYC = (
    b"\xf3\r\r\n"
    + (0).to_bytes(4, "little")
    + (7).to_bytes(4, "little")
    + (5).to_bytes(4, "little")
)


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        pytest.param(gz(b"hello"), "", [("gzip", b"hello")], id="gzip"),
        pytest.param(zstd(b"hello"), "", [("zstd", b"hello")], id="zstd"),
        pytest.param(lzma.compress(b"hello"), "", [("xz", b"hello")], id="xz"),
        pytest.param(bz2.compress(b"hello"), "", [("bzip2", b"hello")], id="bzip2"),
        pytest.param(tar(("a", b"1"), ("b/c", b"22")), "", [("a", b"1"), ("b/c", b"22")], id="tar"),
        pytest.param(ar(("a", b"1"), ("b", b"22")), "", [("a/", b"1"), ("b/", b"22")], id="ar"),
        pytest.param(PYC + b"code", "x.pyc", [("code", b"code")], id="bytecode"),
        pytest.param(
            cpio(("a", b"1"), ("b", b"22")),
            "",
            [("a", b"1"), ("b", b"22")],
            id="an archive of cpio",
        ),
        pytest.param(
            cpio(("early", b"1")) + b"\0" * 512 + zstd(b"rest"),
            "",
            [("early", b"1"), ("what follows the archive", zstd(b"rest"))],
            id="an initramfs",
        ),
        pytest.param(
            cpio(("a", b"1")) + cpio(("a", b"2")),
            "",
            [("a", b"1"), ("archive 2: a", b"2")],
            id="two archives behind each other",
        ),
    ],
)
def test_members_are_found(data, name, found):
    assert [(member.name, member.data) for member in members(data, name)] == found


@pytest.mark.parametrize(
    ("data", "name", "header"),
    [
        (gz(b"x"), "", {"mtime": "7", "name": "a.txt"}),
        (tar(("a", b"")), "", {"mtime": "7", "mode": "0644", "owner": "0:0 :"}),
        (ar(("a", b"")), "", {"mtime": "7", "owner": "0:0"}),
        (cpio(("a", b"")), "", {"mtime": "7", "mode": "100644", "inode": "1"}),
        (PYC, "x.pyc", {"mtime": "7", "source size": "5"}),
        (PYC[:4] + b"\1\0\0\0" + b"12345678", "x.pyc", {"source hash": b"12345678".hex()}),
    ],
)
def test_a_header_says_what_may_differ(data, name, header):
    found = members(data, name)[0].header
    assert {field: found.get(field) for field in header} == header


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"a text\n", id="a text"),
        pytest.param(PYC + b"code", id="bytecode under another name"),
        pytest.param(gz(b"hello")[:5], id="half a header of gzip"),
        pytest.param(b"\x1f\x8b\x08nonsense that goes on", id="no gzip after all"),
        pytest.param(zstd(b"hello" * 99)[:-6], id="half a zstd"),
        pytest.param(b"\xfd7zXZ\0nonsense", id="no xz after all"),
        pytest.param(b"070701nonsense" * 20, id="no cpio after all"),
        pytest.param(cpio(("a", b"1" * 99))[:150], id="half a member of cpio"),
        pytest.param(b"!<arch>\n" + b"x" * 60, id="no ar after all"),
    ],
)
def test_what_only_looks_like_a_container_is_none(data):
    assert members(data) is None

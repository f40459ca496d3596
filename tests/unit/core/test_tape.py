import io
import os
import tarfile

import pytest

from arkes_build.core import tape
from arkes_build.core.digest import bytes_digest


def read(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return [(m.name, m.type, m.mode, m.uid, m.gid, m.mtime, m.linkname, m.uname) for m in tar]


def test_entries_have_no_owner_and_no_time(tmp_path):
    (tmp_path / "f").write_bytes(b"data")
    (tmp_path / "l").symlink_to("/else where")
    data = b"".join(
        [
            tape.folder("d", 0o700),
            *tape.from_disk(
                "d/f", tmp_path / "f", kind="file", mode=0o755, digest=bytes_digest(b"data")
            ),
            *tape.from_disk("d/l", tmp_path / "l", kind="link", mode=0, target="/else where"),
            tape.content("x", b"y"),
            tape.END,
        ]
    )
    assert read(data) == [
        ("d", tarfile.DIRTYPE, 0o700, 0, 0, 0, "", ""),
        ("d/f", tarfile.REGTYPE, 0o755, 0, 0, 0, "", ""),
        ("d/l", tarfile.SYMTYPE, 0o777, 0, 0, 0, "/else where", ""),
        ("x", tarfile.REGTYPE, 0o644, 0, 0, 0, "", ""),
    ]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(0, id="an empty file"),
        pytest.param(512, id="a whole block"),
        pytest.param((1 << 20) - 1, id="just below a piece"),
        pytest.param(1 << 20, id="exactly a piece"),
        pytest.param((2 << 20) + 7, id="more than two pieces"),
    ],
)
def test_content_of_any_size_arrives(tmp_path, size):
    content = os.urandom(size)
    (tmp_path / "f").write_bytes(content)
    pieces = tape.from_disk(
        "f", tmp_path / "f", kind="file", mode=0o644, digest=bytes_digest(content)
    )
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces) + tape.END)) as tar:
        assert tar.extractfile("f").read() == content


def test_names_that_are_no_text_and_long_names_survive(tmp_path):
    name = os.fsdecode(b"caf\xe9/" + b"n" * 200)
    data = tape.content(name, b"") + tape.END
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        assert tar.getnames() == [name]


def test_attributes_are_checked_and_travel_as_pax_records(tmp_path):
    (tmp_path / "f").write_bytes(b"")
    value = b"\x00\xff binary"
    os.setxattr(tmp_path / "f", "user.test", value)
    pieces = tape.from_disk(
        "f",
        tmp_path / "f",
        kind="file",
        mode=0o644,
        digest=bytes_digest(b""),
        xattrs=[("user.test", bytes_digest(value))],
    )
    assert b"SCHILY.xattr.user.test=" + value in b"".join(pieces)


@pytest.mark.parametrize(
    ("arrange", "kind", "extra", "what"),
    [
        pytest.param(lambda p: None, "file", {}, "it is gone", id="it is gone"),
        pytest.param(
            lambda p: p.write_bytes(b"other"),
            "file",
            {"digest": bytes_digest(b"one")},
            "its content is another",
            id="other content of the same length",
        ),
        pytest.param(
            lambda p: p.write_bytes(b""),
            "file",
            {"digest": bytes_digest(b"one")},
            "its content is another",
            id="truncated",
        ),
        pytest.param(
            lambda p: p.mkdir(), "file", {}, "it was a file and is a dir", id="now a folder"
        ),
        pytest.param(os.mkfifo, "file", {}, "it was a file and is a device", id="now a pipe"),
        pytest.param(
            lambda p: p.symlink_to("b"),
            "link",
            {"target": "a"},
            "it points elsewhere",
            id="points elsewhere",
        ),
        pytest.param(
            lambda p: p.write_bytes(b""),
            "file",
            {"xattrs": [("user.none", "0")]},
            "its attribute user.none is gone",
            id="lost an attribute",
        ),
    ],
)
def test_what_changed_since_it_was_planned_is_refused(tmp_path, arrange, kind, extra, what):
    arrange(tmp_path / "f")
    with pytest.raises(tape.ContentChanged) as caught:
        list(tape.from_disk("f", tmp_path / "f", kind=kind, mode=0o644, **extra))
    assert caught.value.brief == f"f changed since it was planned: {what}"


def test_the_last_piece_is_withheld_when_the_content_is_wrong(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 1000)
    pieces = tape.from_disk("f", tmp_path / "f", kind="file", mode=0o644, digest="0" * 64)
    header = next(pieces)
    with pytest.raises(tape.ContentChanged):
        next(pieces)
    assert len(header) == tarfile.BLOCKSIZE


def test_every_folder_above_is_named():
    assert tape.parents(["a/b/c", "a/d", "e"]) == {"a", "a/b"}

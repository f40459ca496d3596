"""Check what is known of one entry of a context."""

import os
import socket
from pathlib import Path

import pytest

from arkes_build.core.digest import bytes_digest
from arkes_build.project.entries import RefusedEntry, describe
from arkes_build.project.model import ContextFile

FILE_MODES = [
    pytest.param(0o644, 0o644, id="a plain file"),
    pytest.param(0o600, 0o644, id="a file under umask 077"),
    pytest.param(0o664, 0o644, id="a file under umask 002"),
    pytest.param(0o444, 0o644, id="a read-only file"),
    pytest.param(0o755, 0o755, id="a program"),
    pytest.param(0o700, 0o755, id="a program under umask 077"),
    pytest.param(0o655, 0o644, id="execution by others only"),
    pytest.param(0o4755, 0o4755, id="setuid"),
    pytest.param(0o2700, 0o2755, id="setgid under umask 077"),
    pytest.param(0o1644, 0o1644, id="sticky"),
]

FOLDER_MODES = [
    pytest.param(0o755, 0o755, id="a plain folder"),
    pytest.param(0o700, 0o755, id="a folder under umask 077"),
    pytest.param(0o2775, 0o755, id="setgid, inherited from above"),
    pytest.param(0o1777, 0o1755, id="sticky"),
]


@pytest.mark.parametrize(("mode", "expected"), FILE_MODES)
def test_modes_of_files(tmp_path, mode, expected):
    place = tmp_path / "x"
    place.write_bytes(b"content")
    place.chmod(mode)
    assert describe(place, "some/x") == ContextFile(
        path="some/x", type="file", mode=expected, digest=bytes_digest(b"content"), size=7
    )


@pytest.mark.parametrize(("mode", "expected"), FOLDER_MODES)
def test_modes_of_folders(tmp_path, mode, expected):
    place = tmp_path / "x"
    place.mkdir()
    place.chmod(mode)
    assert describe(place, "x") == ContextFile(path="x", type="dir", mode=expected)


def test_a_link_is_its_text(tmp_path):
    (tmp_path / "x").symlink_to("/a//b/")
    assert describe(tmp_path / "x", "x") == ContextFile(
        path="x", type="link", mode=0o777, target="/a//b/"
    )


def test_a_large_file_has_the_digest_of_its_content(tmp_path):
    data = b"0123456789abcdef" * 200_000
    (tmp_path / "x").write_bytes(data)
    assert describe(tmp_path / "x", "x").digest == bytes_digest(data)


def test_attributes_that_mean_something_in_an_image(tmp_path):
    place = tmp_path / "x"
    place.write_bytes(b"")
    capability = bytes.fromhex("0100000200040000000000000000000000000000")
    os.setxattr(place, "user.b", b"2")
    os.setxattr(place, "user.a", b"1")
    os.setxattr(place, "security.capability", capability)
    os.setxattr(place, "trusted.machine", b"x")
    assert describe(place, "x").xattrs == (
        ("security.capability", bytes_digest(capability)),
        ("user.a", bytes_digest(b"1")),
        ("user.b", bytes_digest(b"2")),
    )


def test_special_files_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "socket"))
    messages = []
    for place, name in ((tmp_path / "pipe", "pipe"), (tmp_path / "socket", "socket")):
        with pytest.raises(RefusedEntry) as caught:
            describe(place, name)
        messages.append(caught.value.message)
    with pytest.raises(RefusedEntry) as caught:
        describe(Path("/dev/null"), "null")
    assert [*messages, caught.value.message] == [
        "'pipe' is a named pipe: only files, folders and links can be copied",
        "'socket' is a socket: only files, folders and links can be copied",
        "'null' is a character device: only files, folders and links can be copied",
    ]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(
            lambda place: place.write_bytes(b""),
            "the name of 'a\\xff' is not UTF-8",
            id="a name",
        ),
        pytest.param(
            lambda place: place.symlink_to("t\udcfe"),
            "the name of 'a\\xff' is not UTF-8",
            id="a link's name",
        ),
    ],
)
def test_names_that_are_no_text_are_refused(tmp_path, make, expected):
    place = tmp_path / "a\udcff"
    make(place)
    with pytest.raises(RefusedEntry) as caught:
        describe(place, "a\udcff")
    assert caught.value.message == expected


def test_a_target_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "x").symlink_to("t\udcfe")
    with pytest.raises(RefusedEntry) as caught:
        describe(tmp_path / "x", "x")
    assert caught.value.message == "the target of 'x' is not UTF-8"

"""The lines that differ are shown, except of what may be a secret."""

import pytest

from arkes_build.host.etc.secrets import is_secret
from arkes_build.host.etc.texts import LARGEST, TextDiff, text_diff

HIDDEN = "not shown: it may hold a secret"


@pytest.fixture
def both(tmp_path):
    for top in ("usr", "etc"):
        (tmp_path / top).mkdir()
    return tmp_path / "usr", tmp_path / "etc"


def write(top, path, data, mode=0o644):
    file = top / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(mode)


def test_the_lines_of_a_changed_file(both):
    for top, text in zip(both, (b"one\ntwo\n", b"one\n2\n"), strict=True):
        write(top, "file", text)
    assert text_diff(*both, "file") == TextDiff(
        lines=("--- /usr/etc/file", "+++ /etc/file", "@@ -1,2 +1,2 @@", " one", "-two", "+2")
    )


def test_a_new_file_is_all_new(both):
    write(both[1], "new", b"one\n")
    assert text_diff(*both, "new").lines[-1] == "+one"


@pytest.mark.parametrize(
    ("path", "data", "mode", "why"),
    [
        pytest.param("shadow", b"root:x\n", 0o644, HIDDEN, id="by its name"),
        pytest.param("ssh/ssh_host_ed25519_key", b"x\n", 0o644, HIDDEN, id="a host's key"),
        pytest.param("NetworkManager/system-connections/home", b"", 0o644, HIDDEN, id="a network"),
        pytest.param("closed", b"text\n", 0o640, HIDDEN, id="not for everybody"),
        pytest.param("a.conf", b"x\n-----BEGIN PRIVATE KEY-----\n", 0o644, HIDDEN, id="a key"),
        pytest.param("b.conf", b"Password = hunter2\n", 0o644, HIDDEN, id="a password"),
        pytest.param("data", b"a\0b", 0o644, "not a text", id="no text"),
        pytest.param(
            "large",
            b"x" * (LARGEST + 1),
            0o644,
            "too large to compare line by line",
            id="too large",
        ),
    ],
)
def test_what_is_not_shown(both, path, data, mode, why):
    write(both[1], path, data, mode)
    assert text_diff(*both, path) == TextDiff(why=why)


def test_links_have_no_lines(both):
    (both[1] / "link").symlink_to("/etc/shadow")
    assert text_diff(*both, "link") == TextDiff(why="no file")


def test_an_ordinary_file_is_no_secret():
    assert not is_secret("ssh/sshd_config", data=b"PasswordAuthentication no\n")
    assert not is_secret("keyboard", data=b"XKBLAYOUT=de\n")

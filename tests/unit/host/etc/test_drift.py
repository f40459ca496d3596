"""What is different in /etc is found, with what about it, and whether an upgrade keeps it."""

import os

import pytest

from arkes_build.history.model import Kind
from arkes_build.host.etc import drift as drifts
from arkes_build.host.etc.drift import Drift, Drifts, NothingThere, drift, must_be_known, only


@pytest.fixture
def both(tmp_path):
    """Return two equal folders: what was delivered, and what is there."""
    for top in ("delivered", "local"):
        folder = tmp_path / top
        (folder / "d").mkdir(parents=True)
        (folder / "d/in").write_text("in\n")
        (folder / "file").write_text("text\n")
        (folder / "link").symlink_to("file")
    return tmp_path / "delivered", tmp_path / "local"


def _content(etc):
    (etc / "file").write_text("mine\n")


def _longer(etc):
    (etc / "file").write_text("text and more\n")


def _mode(etc):
    (etc / "file").chmod(0o600)


def _target(etc):
    (etc / "link").unlink()
    (etc / "link").symlink_to("d")


def _link_to_file(etc):
    (etc / "link").unlink()
    (etc / "link").write_text("text\n")


def _folder_to_file(etc):
    (etc / "d/in").unlink()
    (etc / "d").rmdir()
    (etc / "d").write_text("")


def _removed(etc):
    (etc / "file").unlink()


def _added(etc):
    (etc / "new").mkdir()
    (etc / "new/file").write_text("")


def _folders_mode(etc):
    (etc / "d").chmod(0o700)


def _attribute(etc):
    os.setxattr(etc / "file", "user.note", b"x")


CASES = [
    pytest.param(_content, [Drift(path="file", kind=Kind.CHANGED, detail="content")], id="content"),
    pytest.param(_longer, [Drift(path="file", kind=Kind.CHANGED, detail="content")], id="length"),
    pytest.param(
        _mode, [Drift(path="file", kind=Kind.CHANGED, detail="mode 0644 → 0600")], id="mode"
    ),
    pytest.param(
        _target, [Drift(path="link", kind=Kind.CHANGED, detail="link file → d")], id="target"
    ),
    pytest.param(
        _link_to_file,
        [Drift(path="link", kind=Kind.CHANGED, detail="link → file")],
        id="a file for a link",
    ),
    pytest.param(
        _folder_to_file,
        [
            Drift(path="d", kind=Kind.CHANGED, detail="directory → file"),
            Drift(path="d/in", kind=Kind.REMOVED),
        ],
        id="a file for a directory",
    ),
    pytest.param(_removed, [Drift(path="file", kind=Kind.REMOVED)], id="removed"),
    pytest.param(
        _added,
        [
            Drift(path="new", kind=Kind.ADDED, is_folder=True),
            Drift(path="new/file", kind=Kind.ADDED),
        ],
        id="a new directory",
    ),
    pytest.param(
        _folders_mode,
        [
            Drift(
                path="d",
                kind=Kind.CHANGED,
                detail="mode 0755 → 0700",
                is_folder=True,
                is_kept=False,
            )
        ],
        id="a directory's mode, which an upgrade forgets",
    ),
    pytest.param(
        _attribute,
        [Drift(path="file", kind=Kind.CHANGED, detail="attributes", is_kept=False)],
        id="attributes alone, which an upgrade forgets",
    ),
]


@pytest.mark.parametrize(("edit", "found"), CASES)
def test_each_difference_is_found(both, edit, found):
    delivered, local = both
    edit(local)
    assert drift(delivered, local) == Drifts(found=tuple(found))


def test_what_is_as_delivered_is_no_difference(both):
    assert drift(*both) == Drifts(found=())


def test_a_folder_that_is_not_there_has_nothing(tmp_path, both):
    assert [one.kind for one in drift(tmp_path / "none", both[1]).found] == [Kind.ADDED] * 4


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        pytest.param(["/etc/a"], ["a", "a/b"], id="a folder with what is below it"),
        pytest.param(["a/b/"], ["a/b"], id="without /etc before it"),
        pytest.param(["/etc"], ["a", "a/b", "ab"], id="all of it"),
        pytest.param(["none"], [], id="what is no difference"),
    ],
)
def test_a_part_of_the_differences(paths, left):
    found = tuple(Drift(path=path, kind=Kind.ADDED) for path in ("a", "a/b", "ab"))
    assert [one.path for one in only(Drifts(found=found), paths).found] == left


def test_what_was_closed_to_others_is_named_as_unread(both, monkeypatch):
    delivered, local = both
    real = drifts.thing

    def closed(path):
        if path == local / "d/in":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(drifts, "thing", closed)
    (local / "file").write_text("mine\n")
    found = drift(delivered, local)
    assert ([one.path for one in found.found], found.unread) == (["file"], ("d/in",))


@pytest.mark.parametrize("path", ["/etc/d/in", "link", "d", "gone", "/etc", "file/"])
def test_a_path_that_either_of_both_has_is_known(both, path):
    (both[1] / "file").unlink()
    (both[0] / "gone").mkdir()
    must_be_known(*both, [path])


@pytest.mark.parametrize("path", ["/etc/fiel", "file/below", "a\0b"])
def test_a_path_that_nobody_has_is_mistyped(both, path):
    with pytest.raises(NothingThere, match="there is no /etc/"):
        must_be_known(*both, [path])

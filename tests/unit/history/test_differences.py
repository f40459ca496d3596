"""What differs between a tree in one repository and another in a second one."""

import os
import subprocess

import pytest

from arkes_build.history.causes import Cause
from arkes_build.history.commits import History
from arkes_build.history.differences import Difference, Differences, What

pytestmark = pytest.mark.engine


def ostree(*words):
    return subprocess.run(["ostree", *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def compare(tmp_path):
    """Return what compares two folders, each committed into a repository of its own."""

    def commit(name, fill, mode="bare"):
        folder, repo = tmp_path / name, tmp_path / f"{name}.repo"
        folder.mkdir()
        fill(folder)
        ostree("init", f"--repo={repo}", f"--mode={mode}")
        checksum = ostree(
            "commit",
            f"--repo={repo}",
            "--branch=x",
            f"--tree=dir={folder}",
            "--timestamp=@0",
            "--owner-uid=0",
            "--owner-gid=0",
        ).strip()
        history = History(repo)
        return history, history.commit(checksum).root

    def differences(before, after, mode="bare"):
        (one, old), (other, new) = commit("recorded", before), commit("rebuilt", after, mode)
        found = Differences(one, other)
        return list(found.name(found.trees.changes(old, new)))

    return differences


def write(folder, path, text="x\n", mode=0o644):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    (folder / path).chmod(mode)


def one(what, *details, cause=Cause.UNKNOWN, path="/usr/a"):
    return [Difference(path=path, what=what, cause=cause, details=details)]


CASES = [
    pytest.param(
        lambda root: write(root, "usr/a", "red\n"),
        lambda root: write(root, "usr/a", "blue\n"),
        one(What.CONTENT, "-red", "+blue"),
        id="content",
    ),
    pytest.param(
        lambda root: write(root, "usr/a", mode=0o644),
        lambda root: write(root, "usr/a", mode=0o4755),
        one(What.MODE, "0644 recorded, 4755 rebuilt"),
        id="the mode of a file",
    ),
    pytest.param(
        lambda root: (root / "usr/a").mkdir(parents=True),
        lambda root: ((root / "usr/a").mkdir(parents=True), (root / "usr/a").chmod(0o700)),
        one(What.MODE, "0755 recorded, 0700 rebuilt"),
        id="the mode of a directory",
    ),
    pytest.param(
        lambda root: ((root / "usr").mkdir(), (root / "usr/a").symlink_to("b")),
        lambda root: ((root / "usr").mkdir(), (root / "usr/a").symlink_to("c")),
        one(What.TARGET, "b recorded, c rebuilt"),
        id="a link's target",
    ),
    pytest.param(
        lambda root: ((root / "usr").mkdir(), (root / "usr/a").symlink_to("b")),
        lambda root: write(root, "usr/a"),
        one(What.KIND, "a link recorded, a file rebuilt"),
        id="a file in a link's place",
    ),
    pytest.param(
        lambda root: (root / "usr/a").mkdir(parents=True),
        lambda root: write(root, "usr/a"),
        one(What.KIND, "a directory recorded, a file rebuilt"),
        id="a file in a directory's place",
    ),
    pytest.param(
        lambda root: write(root, "usr/a"),
        lambda root: (root / "usr").mkdir(),
        one(What.ONLY_RECORDED),
        id="only in what is recorded",
    ),
    pytest.param(
        lambda root: (root / "usr").mkdir(),
        lambda root: write(root, "usr/a"),
        one(What.ONLY_REBUILT),
        id="only in the second build",
    ),
    pytest.param(
        lambda root: write(root, "usr/a"),
        lambda root: (write(root, "usr/a"), os.setxattr(root / "usr/a", "user.x", b"\1")),
        one(What.XATTRS, "user.x: none recorded, 01 rebuilt"),
        id="an extended attribute",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_what_differs_at_a_path_is_named(compare, before, after, expected):
    assert compare(before, after) == expected


def test_an_archive_repository_is_read_as_well(compare):
    expected = one(What.CONTENT, "-red", "+blue")
    before, after = (
        lambda root, text=text: write(root, "usr/a", text) for text in ("red\n", "blue\n")
    )
    assert compare(before, after, "archive") == expected


def test_content_and_mode_are_two_differences(compare):
    found = compare(
        lambda root: write(root, "usr/a", "red\n"),
        lambda root: write(root, "usr/a", "blue\n", mode=0o755),
    )
    assert [each.what for each in found] == [What.MODE, What.CONTENT]


def test_equal_trees_have_no_difference(compare):
    assert compare(lambda root: write(root, "usr/a"), lambda root: write(root, "usr/a")) == []

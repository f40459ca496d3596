"""What deployments take, compared with what the files of their trees really have."""

import os
import subprocess

import pytest

from arkes_build.host.metrics.storage import Shares, room, shares

pytestmark = pytest.mark.engine


def commit(repository, folder, parent=""):
    argv = ["ostree", f"--repo={repository}", "commit", "--orphan", "--canonical-permissions"]
    argv += ["--subject=x", f"--tree=dir={folder}"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    path = tmp_path / "repo"
    argv = ["ostree", f"--repo={path}", "init", "--mode=bare-user"]
    subprocess.run(argv, check=True)
    return path


@pytest.fixture
def trees(tmp_path, repository):
    folder = tmp_path / "tree"
    (folder / "usr/share").mkdir(parents=True)
    (folder / "usr/large").write_bytes(b"l" * 10_000)
    (folder / "usr/moved").write_bytes(b"m" * 500)
    (folder / "usr/share/a").write_bytes(b"a" * 100)
    first = commit(repository, folder)
    (folder / "usr/moved").rename(folder / "usr/share/moved")
    (folder / "usr/share/a").write_bytes(b"b" * 150)
    second = commit(repository, folder)
    (folder / "usr/new").write_bytes(b"n" * 1000)
    return first, second, commit(repository, folder)


def test_one_deployment_shares_nothing(repository, trees):
    assert shares(repository, trees[:1]) == Shares(trees=10_600, unique=10_600)
    assert shares(repository, (trees[0], trees[0])) == Shares(trees=10_600, unique=10_600)


def test_deployments_share_what_did_not_change_nor_only_moved(repository, trees):
    found = shares(repository, trees)
    assert found == Shares(trees=10_600 + 10_650 + 11_650, unique=10_600 + 150 + 1000)
    assert found.shared == 21_150
    files = list((repository / "objects").glob("*/*.file"))
    assert found.unique == sum(path.stat().st_size for path in files)


def test_no_deployment_takes_nothing(repository):
    assert shares(repository, ()) == Shares(trees=0, unique=0)


def test_the_room_is_that_of_the_file_system(tmp_path):
    found, said = room(tmp_path), os.statvfs(tmp_path)
    assert found.size == said.f_blocks * said.f_frsize
    assert 0 < found.free < found.size

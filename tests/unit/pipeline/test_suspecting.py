"""What came in between the last commit that passed and one that fails is named."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from arkes_build.history.trees import Root
from arkes_build.pipeline.suspecting import suspects
from arkes_build.store.folders import EMPTY
from arkes_build.trial.records import TestRecord, write

GOOD, BAD, FAILED_TOO = "a" * 64, "b" * 64, "c" * 64
ROOT = Root("", "")
EARLIER = ("libc6=2.41-1", "nginx=1.24", "old=1")
NOW = ("libc6=2.41-2", "new=3", "nginx=1.24")


@dataclass
class Release:
    checksum: str
    packages: tuple
    node: str = "base"
    version: str = "2026.10"
    root: Root = ROOT


class Releases:
    """Three releases: one that passed, one that failed, and the newest."""

    trees = SimpleNamespace(folder=lambda _checksum: EMPTY, path=lambda *_: "/nowhere")

    def __init__(self, now=NOW):
        self.newest = Release(BAD, now)
        self._all = (self.newest, Release(FAILED_TOO, ("libc6=0",)), Release(GOOD, EARLIER))

    def releases(self, _checksum):
        return iter(self._all)


def record(commit, *, has_passed):
    return TestRecord(
        node="base",
        commit=commit,
        has_passed=has_passed,
        tests="",
        accel="tcg",
        seconds=1.0,
        when=1,
    )


@pytest.fixture
def tests(tmp_path):
    write(tmp_path, record(GOOD, has_passed=True))
    write(tmp_path, record(FAILED_TOO, has_passed=False))
    return tmp_path


def test_packages_that_changed_came_or_went(tests):
    history = Releases()
    assert suspects(history, tests, history.newest) == (
        "aaaaaaaaaaaa (2026.10) passed",
        "libc6 2.41-1 → 2.41-2",
        "new 3 came",
        "old 1 went",
    )


def test_when_no_package_differs_it_says_where_else_to_look(tests):
    history = Releases(EARLIER)
    assert suspects(history, tests, history.newest) == (
        "aaaaaaaaaaaa (2026.10) passed; no package differs: look at the project's own files",
    )


def test_a_node_that_never_passed_has_no_suspects(tmp_path):
    history = Releases()
    assert suspects(history, tmp_path, history.newest) == ()

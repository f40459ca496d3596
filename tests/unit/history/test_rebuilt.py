"""A second build is held against the recorded one, node by node."""

import subprocess
from dataclasses import replace

import pytest

from arkes_build.history.causes import Cause
from arkes_build.history.commits import History
from arkes_build.history.rebuilt import Comparison

pytestmark = pytest.mark.engine


def ostree(*words):
    return subprocess.run(["ostree", *words], check=True, capture_output=True, text=True).stdout


class Builds:
    """Commit folders of texts as nodes of two builds, and compare them."""

    def __init__(self, folder, record):
        self.folder = folder
        self.record = record
        self.repos = {name: folder / name for name in ("recorded", "rebuilt")}
        for repo in self.repos.values():
            ostree("init", f"--repo={repo}", "--mode=bare")

    def commit(self, build, node, files):
        tree = self.folder / f"{build}-{node}"
        for path, text in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        repo = f"--repo={self.repos[build]}"
        words = (repo, f"--branch={node}", f"--tree=dir={tree}", "--timestamp=@0")
        return ostree("commit", *words).strip()

    def compare(self, *nodes):
        """Take (node, files of the first build, files of the second, what else is recorded)."""
        comparison = Comparison(*(History(repo) for repo in self.repos.values()))
        found = []
        for name, before, after, rest in nodes:
            old, new = self.record(name), self.record(name)
            old = replace(old, commit=self.commit("recorded", name, before))
            new = replace(new, commit=self.commit("rebuilt", name, after), **rest)
            found.append(comparison.of(old, new))
        return found


@pytest.fixture
def builds(tmp_path, make_node, make_record):
    return Builds(tmp_path, lambda name: make_record(make_node(name)))


def summary(node):
    return (node.node, node.is_same, node.paths, node.inherited)


def told(node):
    return [(one.path, one.cause) for one in node.differences]


A, B = {"usr/a": "red\n"}, {"usr/a": "blue\n"}


def test_the_same_files_are_the_same(builds):
    (node,) = builds.compare(("base", A, A, {}))
    assert summary(node) == ("base", True, 0, 0)
    assert node.recorded == node.rebuilt


def test_what_differs_below_is_told_once(builds):
    nodes = builds.compare(
        ("base", A, B, {}), ("web", A | {"usr/b": "1\n"}, B | {"usr/b": "2\n"}, {})
    )
    assert [summary(node) for node in nodes] == [("base", False, 1, 0), ("web", False, 2, 1)]
    assert told(nodes[0]) == [("/usr/a", Cause.UNKNOWN)]
    assert told(nodes[1]) == [("/usr/b", Cause.RANDOM)]


def test_the_key_in_a_file_follows_from_what_differs_below(builds):
    before, after = ({"usr/lib/os-release": f"BUILD_ID={key}\n"} for key in ("0a1", "0a2"))
    (node,) = builds.compare(("base", before, after, {"key": "f" * 64}))
    assert told(node) == [("/usr/lib/os-release", Cause.FOLLOWS)]
    (node,) = builds.compare(("web", before, after, {}))
    assert told(node) == [("/usr/lib/os-release", Cause.RANDOM)]


def test_files_of_a_package_in_another_version_are_the_packages_matter(builds):
    listed = {"usr/lib/sysimage/dpkg/info/a.list": "/usr/a\n", "usr/lib/sysimage/dpkg/status": ""}
    (node,) = builds.compare(("base", A | listed, B | listed, {"packages": ("a=2",)}))
    assert [(each.name, each.before, each.after) for each in node.packages] == [("a", "", "2")]
    assert told(node) == [("/usr/a", Cause.PACKAGES)]

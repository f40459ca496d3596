"""How a second build is shown to people and to programs."""

from arkes_build.history.causes import Cause
from arkes_build.history.differences import Difference, What
from arkes_build.history.model import Kind, PackageChange
from arkes_build.history.rebuilt import NodeComparison
from arkes_build.ui.rebuilt import MOST_SHOWN, rebuilt_lines, rebuilt_shape

SAME = NodeComparison(node="rootfs", commit="c" * 64, recorded="a" * 64, rebuilt="a" * 64)
FOUND = (
    Difference(
        path="/usr/share/x.tgz",
        what=What.CONTENT,
        cause=Cause.TIME,
        inside=("gzip", "./a\x1b[2J"),
        details=("mtime: 7 recorded, 8 rebuilt",),
        package="x",
        line="variants/base.Containerfile:7",
    ),
    Difference(
        path="/usr/share/seed",
        what=What.CONTENT,
        cause=Cause.RANDOM,
        details=("-1\x1b[31m", "+2"),
    ),
    Difference(path="/usr/bin/a", what=What.MODE, cause=Cause.UNKNOWN, details=("0644 …",)),
    Difference(path="/usr/bin/b", what=What.ONLY_REBUILT, cause=Cause.UNKNOWN),
)
OTHER = NodeComparison(
    node="base",
    commit="d" * 64,
    recorded="b" * 64,
    rebuilt="e" * 64,
    paths=5,
    inherited=1,
    differences=FOUND,
)
MOVED = NodeComparison(
    node="web",
    commit="d" * 64,
    recorded="b" * 64,
    rebuilt="f" * 64,
    packages=(
        PackageChange(name="apt", before="1", after="2", kind=Kind.UPGRADED),
        PackageChange(name="bash", before="", after="5", kind=Kind.ADDED),
    ),
    paths=40,
    differences=FOUND[:1],
)


def test_all_the_same(screen):
    assert rebuilt_lines([SAME], 75.3, screen()) == [
        "NODE    CAME OUT  RECORDED      REBUILT       WHAT DIFFERS",
        "rootfs  same      aaaaaaaaaaaa  aaaaaaaaaaaa",
        "",
        "1 node built again in 1m 15s: 1 the same.",
    ]


def test_what_differs_is_listed_by_its_cause(screen, golden):
    golden("rebuilt.txt", rebuilt_lines([SAME, OTHER, MOVED], 4.0, screen()))


def test_with_v_all_is_listed(screen, golden):
    golden("rebuilt-verbose.txt", rebuilt_lines([MOVED], 4.0, screen(), verbose=True))


def test_many_paths_are_counted(screen):
    many = tuple(
        Difference(path=f"/usr/{at:03}", what=What.ONLY_REBUILT, cause=Cause.UNKNOWN)
        for at in range(200)
    )
    node = NodeComparison(
        node="a", commit="c", recorded="a", rebuilt="b", paths=1000, differences=many
    )
    lines = rebuilt_lines([node], 1.0, screen())
    assert sum(line.startswith("    /usr/") for line in lines) == MOST_SHOWN
    assert "  and 980 more paths" in lines
    assert "  and 800 more paths" in rebuilt_lines([node], 1.0, screen(), verbose=True)


def test_a_program_gets_all_of_it():
    shape = rebuilt_shape([SAME, MOVED], 4.0, 23)
    assert (shape["type"], shape["is_same"], shape["exit_code"]) == ("rebuilt", False, 23)
    assert [node["is_same"] for node in shape["nodes"]] == [True, False]
    assert shape["nodes"][1]["packages"][0] == {
        "name": "apt",
        "before": "1",
        "after": "2",
        "kind": "upgraded",
    }
    assert shape["nodes"][1]["differences"] == [
        {
            "path": "/usr/share/x.tgz",
            "what": "content",
            "cause": "time",
            "inside": ["gzip", "./a\x1b[2J"],
            "details": ["mtime: 7 recorded, 8 rebuilt"],
            "package": "x",
            "line": "variants/base.Containerfile:7",
        }
    ]

"""What came, went, and changed its version."""

import pytest

from arkes_build.history.model import Kind, PackageChange
from arkes_build.history.packages import order_of, package_changes
from arkes_build.history.versions import dpkg_order, pacman_order
from arkes_build.history.view import View


def change(name, before, after, kind):
    return PackageChange(name=name, before=before, after=after, kind=kind)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(["a=1"], ["a=1"], [], id="nothing changed"),
        pytest.param([], ["a=1"], [change("a", "", "1", Kind.ADDED)], id="new"),
        pytest.param(["a=1"], [], [change("a", "1", "", Kind.REMOVED)], id="gone"),
        pytest.param(["a=1~rc1"], ["a=1"], [change("a", "1~rc1", "1", Kind.UPGRADED)], id="up"),
        pytest.param(["a=2"], ["a=1"], [change("a", "2", "1", Kind.DOWNGRADED)], id="down"),
        pytest.param(["a=1.0"], ["a=1.00"], [change("a", "1.0", "1.00", Kind.CHANGED)], id="same"),
        pytest.param(
            ["c6=1"],
            ["c6:amd64=1", "c6:i386=1"],
            [change("c6:i386", "", "1", Kind.ADDED)],
            id="a second architecture does not hide the first",
        ),
        pytest.param(
            ["c6:amd64=1", "c6:i386=1"],
            ["c6=2"],
            [
                change("c6:amd64", "1", "2", Kind.UPGRADED),
                change("c6:i386", "1", "", Kind.REMOVED),
            ],
            id="the second architecture goes while the first goes up",
        ),
        pytest.param(
            ["b=1", "a=1"],
            ["a=2", "b=2"],
            [change("a", "1", "2", Kind.UPGRADED), change("b", "1", "2", Kind.UPGRADED)],
            id="by name",
        ),
    ],
)
def test_changes(before, after, expected):
    assert package_changes(before, after, dpkg_order) == tuple(expected)


DPKG = {"usr/lib/sysimage/dpkg/status": ""}
PACMAN = {"usr/lib/sysimage/pacman/local/bash-5-1/desc": ""}


@pytest.mark.parametrize(
    ("files", "order"),
    [
        pytest.param(DPKG, dpkg_order, id="dpkg's database"),
        pytest.param(PACMAN, pacman_order, id="pacman's database"),
        pytest.param(DPKG | PACMAN, dpkg_order, id="a Debian with pacman in it"),
        pytest.param({"etc/x": ""}, dpkg_order, id="no database"),
    ],
)
def test_the_order_is_that_of_the_database(garden, files, order):
    assert order_of(View(garden.trees, garden.plant(files))) is order

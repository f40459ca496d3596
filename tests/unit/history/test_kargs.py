"""Kernel arguments of bootc's files."""

import pytest

from arkes_build.history.kargs import karg_changes
from arkes_build.history.model import Kind, NameChange
from arkes_build.history.view import View

FILE = "usr/lib/bootc/kargs.d/10-a.toml"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            'kargs = ["quiet", "a=1"]',
            'kargs = ["a=2", "quiet"]',
            [("a=1", Kind.REMOVED, "10-a.toml"), ("a=2", Kind.ADDED, "10-a.toml")],
            id="one is another",
        ),
        pytest.param(
            "kargs = []",
            'kargs = ["x"]\nmatch-architectures = ["aarch64"]',
            [("x (aarch64 only)", Kind.ADDED, "10-a.toml")],
            id="for one architecture",
        ),
        pytest.param("kargs = []", "kargs = [", [], id="no TOML"),
        pytest.param("kargs = []", "kargs = 5", [], id="no list"),
        pytest.param("kargs = []", "kargs = [[[]], 1]", [], id="no texts"),
    ],
)
def test_arguments(garden, before, after, expected):
    old, new = garden.plant({FILE: before}), garden.plant({FILE: after})
    trees = garden.trees
    found = karg_changes(tuple(trees.changes(old, new)), View(trees, old), View(trees, new))
    assert found == tuple(NameChange(name=n, kind=k, detail=d) for n, k, d in expected)

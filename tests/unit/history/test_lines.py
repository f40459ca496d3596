"""Which layer wrote a path last."""

import pytest

from arkes_build.history.lines import Lines, line_of
from arkes_build.plan.state import Origin

BELOW = {"etc/a": "1", "usr/share/b": "1", "usr/bin/c": "1"}
LAYERS = [
    BELOW,
    BELOW | {"usr/share/b": "2", "usr/share/new/d": "1"},
    BELOW | {"usr/share/b": "2", "usr/share/new/d": "1", "etc/a": "2"},
    BELOW | {"usr/share/b": "1", "usr/share/new/d": "1", "etc/a": "2"},
]
ORIGINS = [Origin(chain_id=str(at), node="base", where=f"base:{at}") for at in range(4)]


def found(garden, paths, gone=()):
    roots = [None if at in gone else garden.plant(files) for at, files in enumerate(LAYERS)]
    return Lines(garden.trees, ORIGINS, roots).lines(paths)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("/usr/bin/c", "base:0", id="the lowest layer"),
        pytest.param("/usr/share/new/d", "base:1", id="a directory that came with it"),
        pytest.param("/usr/share/new", "base:1", id="that directory"),
        pytest.param("/usr/etc/a", "base:2", id="a default of /etc"),
        pytest.param("/usr/share/b", "base:3", id="as it was, written again"),
        pytest.param("/usr/lib/made-by-the-store", None, id="what no layer has"),
        pytest.param("/bin/x/y", None, id="nor its folder"),
    ],
)
def test_line(garden, path, line):
    assert found(garden, [path]) == ({path: line} if line else {})


def test_below_a_layer_that_is_gone_nobody_knows(garden):
    paths = ["/usr/bin/c", "/usr/share/new/d", "/usr/etc/a", "/usr/share/b"]
    assert found(garden, paths, gone={0}) == {"/usr/etc/a": "base:2", "/usr/share/b": "base:3"}
    assert found(garden, paths, gone={0, 3}) == {}


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        pytest.param(ORIGINS[1], "base:1", id="a line"),
        pytest.param(
            Origin(chain_id="x", node="rootfs", brief="bootstrap"),
            "rootfs (bootstrap)",
            id="no line",
        ),
        pytest.param(Origin(chain_id="x", node="base"), "base", id="only the node"),
        pytest.param(Origin(chain_id="x"), "", id="nothing"),
    ],
)
def test_what_a_line_is_called(origin, name):
    assert line_of(origin) == name

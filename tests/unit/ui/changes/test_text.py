"""The comparison on a screen, character by character."""

from dataclasses import replace

import pytest

from arkes_build.history.model import Kind, PackageChange
from arkes_build.ui.changes.text import changes_lines
from arkes_build.ui.text import width


@pytest.mark.parametrize(
    ("columns", "options", "name"),
    [
        pytest.param(None, {}, "diff-pipe.txt", id="in a pipe"),
        pytest.param(80, {}, "diff-80.txt", id="on 80 columns"),
        pytest.param(None, {"files": True}, "diff-files.txt", id="with every path"),
    ],
)
def test_text(changes, screen, golden, columns, options, name):
    lines = changes_lines(changes, screen(columns), **options)
    golden(f"changes/{name}", lines)
    assert not any("\x1b" in line for line in lines)
    assert columns is None or max(map(width, lines)) <= columns


def test_in_colour(changes, screen, golden):
    golden("changes/diff-colour.txt", changes_lines(changes, screen(100, colour=True)))


def test_equal_trees_say_so(nothing, screen):
    assert changes_lines(nothing, screen())[1:] == ["", "Nothing is different."]


def test_long_lists_are_cut_unless_all_is_wanted(changes, screen):
    many = tuple(
        PackageChange(name=f"p{at:03}", before="", after="1", kind=Kind.ADDED) for at in range(40)
    )
    long = replace(changes, packages=many)
    lines = changes_lines(long, screen())
    assert "and 28 more lines (-v shows them)" in lines
    assert not any("p039" in line for line in lines)
    assert any("p039" in line for line in changes_lines(long, screen(), verbose=True))

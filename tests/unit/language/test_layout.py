"""Blanks that mean something, and blanks that do not."""

import pytest

from arkes_build.language import layout

COLLAPSED = {
    "runs between words": ("a  b\tc \t d", "a b c d"),
    "single quotes": ("a  'b  c'  d", "a 'b  c' d"),
    "double quotes": ('a  "b  c"  d', 'a "b  c" d'),
    "an escaped blank": ("a  b\\  c  d", "a b\\  c d"),
    "an escaped quote opens nothing": ('a \\"  b  c', 'a \\" b c'),
    "a quote inside the other": ("\"it's  \"  b  'c\"  d'", "\"it's  \" b 'c\"  d'"),
    "an unclosed quote keeps the rest": ("a  b 'c  d", "a b 'c  d"),
    "a command inside quotes, closed": ('"$(a b)"  c', '"$(a b)" c'),
    "a command inside quotes with quotes": ('"$(echo "a  b")"  c', '"$(echo "a  b")"  c'),
    "a default inside quotes with quotes": ('"${a:-"b  c"}"  d', '"${a:-"b  c"}"  d'),
    "a backtick inside quotes": ('"`echo "a  b"`"  c', '"`echo "a  b"`"  c'),
    "the shell's own C strings": ("a  $'b\\'  c'", "a $'b\\'  c'"),
    "a backtick before a blank": ("a `  b", "a `  b"),
}


@pytest.mark.parametrize(("text", "expected"), COLLAPSED.values(), ids=COLLAPSED.keys())
def test_collapsed(text, expected):
    assert layout.collapsed(text) == expected


LINES = {
    "met in blanks": (["a ", "  b"], ["a", "b"]),
    "met in a blank before": (["a ", "b"], ["a", "b"]),
    "met in a blank behind": (["a", " b"], ["a", "b"]),
    "met in a word": (["a", "b"], ["ab"]),
    "met inside quotes": (["a 'b ", " c'", " d"], ["a 'b  c'", "d"]),
    "met behind an escape character": (["a\\ ", "b"], ["a\\ b"]),
    "a piece of blanks": (["a ", "  ", " b"], ["a", "b"]),
    "nothing on the first": (["", "  a ", " b"], ["a", "b"]),
    "nothing at all": ([""], []),
}


@pytest.mark.parametrize(("pieces", "expected"), LINES.values(), ids=LINES.keys())
def test_lines(pieces, expected):
    joins = tuple(len("".join(pieces[:number])) for number in range(1, len(pieces)))
    assert layout.lines("".join(pieces), joins) == tuple(expected)

"""Offsets and positions, for every way in which editors count."""

import pytest
from lsprotocol.types import Position

from arkes_build.lsp.positions import UTF8, UTF16, UTF32, Ruler

TEXT = "ab\r\nä𝒜c\n\td\r\ry\u2028z"
PLACES = [
    pytest.param(0, (0, 0), id="the beginning"),
    pytest.param(4, (1, 0), id="behind CR LF"),
    pytest.param(6, (1, 3), id="behind an astral character, in UTF-16"),
    pytest.param(8, (2, 0), id="behind LF"),
    pytest.param(9, (2, 1), id="behind a tab, which is one"),
    pytest.param(11, (3, 0), id="behind a lone CR"),
    pytest.param(12, (4, 0), id="behind another one"),
    pytest.param(14, (4, 2), id="a line separator ends no line"),
]


@pytest.mark.parametrize(("offset", "place"), PLACES)
def test_an_offset_is_a_position_and_back(offset, place):
    ruler = Ruler(TEXT)
    position = ruler.position(offset)
    assert (position.line, position.character) == place
    assert ruler.offset(position) == offset


@pytest.mark.parametrize(("encoding", "column"), [(UTF8, 6), (UTF16, 3), (UTF32, 2)])
def test_the_encoding_decides_what_a_character_counts(encoding, column):
    ruler = Ruler(TEXT, encoding)
    assert ruler.position(6).character == column
    assert ruler.offset(Position(1, column)) == 6


@pytest.mark.parametrize(
    ("place", "offset"),
    [
        pytest.param((0, 99), 2, id="behind a line's end"),
        pytest.param((99, 0), 15, id="behind the last line"),
        pytest.param((1, 2), 6, id="inside a surrogate pair"),
    ],
)
def test_a_position_that_is_none_is_moved(place, offset):
    assert Ruler(TEXT).offset(Position(*place)) == offset


def test_a_byte_order_mark_is_the_editors_affair():
    ruler = Ruler("\ufeffab\ncd")
    assert ruler.position(0) == Position(0, 1)
    assert ruler.offset(Position(0, 0)) == 0
    assert ruler.offset(Position(0, 2)) == 1
    assert ruler.offset(Position(1, 1)) == 4


def test_offsets_outside_the_text_are_its_ends():
    ruler = Ruler("ab\n")
    assert ruler.position(-5) == Position(0, 0)
    assert ruler.position(50) == Position(1, 0)


def test_an_empty_text_has_one_line():
    assert Ruler("").position(0) == Position(0, 0)
    assert Ruler("").offset(Position(3, 3)) == 0

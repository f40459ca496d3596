"""A table uses the room there is."""

from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style

GRID = Grid(titles=("NODE", "TIME"), right=frozenset({"TIME"}), telling="WHY")
ROWS = (
    Row(cells=("base", "1m 15s"), telling=("one changed input", "and another")),
    Row(cells=("atomic", "-")),
)


def test_without_a_limit_no_line_is_broken(screen):
    assert GRID.draw(ROWS, screen()) == [
        "NODE      TIME  WHY",
        "base    1m 15s  one changed input",
        "                and another",
        "atomic       -",
    ]


def test_the_telling_column_is_broken_between_words(screen):
    rows = (Row(cells=("base", "-"), telling=("a long reason that takes two lines or three",)),)
    assert GRID.draw(rows, screen(42)) == [
        "NODE  TIME  WHY",
        "base     -  a long reason that takes two",
        "            lines or three",
    ]


def test_without_room_beside_the_telling_text_goes_below(screen):
    assert GRID.draw(ROWS, screen(40)) == [
        "NODE      TIME",
        "base    1m 15s",
        "    one changed input",
        "    and another",
        "atomic       -",
    ]


def test_wide_characters_keep_the_columns_straight(screen):
    rows = (Row(cells=("日本", "1s")), Row(cells=("a", "10s")))
    assert GRID.draw(rows, screen()) == ["NODE  TIME  WHY", "日本    1s", "a      10s"]


def test_a_style_paints_its_cell_only(screen):
    rows = (Row(cells=("base", "1s"), styles=(Style.GOOD,)),)
    assert GRID.draw(rows, screen(colour=True)) == [
        "\x1b[2mNODE  TIME  WHY\x1b[0m",
        "\x1b[32mbase\x1b[0m    1s",
    ]


def test_no_rows_are_only_titles(screen):
    assert GRID.draw((), screen()) == ["NODE  TIME  WHY"]


def test_a_word_wider_than_the_room_beside_sends_the_telling_text_below(screen):
    rows = (Row(cells=("base", "-"), telling=("overlay/base/usr/lib/systemd/system",)),)
    assert GRID.draw(rows, screen(45)) == [
        "NODE  TIME",
        "base     -",
        "    overlay/base/usr/lib/systemd/system",
    ]

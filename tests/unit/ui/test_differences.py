"""A difference reads as other programs write it, and cannot drive a terminal."""

import io

from arkes_build.ui.differences import diff, painted
from arkes_build.ui.screen import Screen

COLOURED = Screen(stream=io.StringIO(), moves=True, colour=True, width=80)
PLAIN = Screen(stream=io.StringIO(), moves=True, colour=False, width=80)


def test_a_difference_is_a_unified_one():
    assert list(diff("f", "a\nb\r\nc", "a\nb\nc\n")) == [
        "--- f",
        "+++ f",
        "@@ -1,3 +1,3 @@",
        " a",
        "-b\r",
        "-c",
        "\\ No newline at end of file",
        "+b",
        "+c",
    ]


def test_same_texts_have_none():
    assert list(diff("f", "a\n", "a\n")) == []


def test_lines_are_coloured_by_what_they_say():
    lines = ["--- f", "@@ -1 +1 @@", "-a", "+b", " c"]
    assert [painted(line, COLOURED) for line in lines] == [
        "\x1b[1m--- f\x1b[0m",
        "\x1b[36m@@ -1 +1 @@\x1b[0m",
        "\x1b[1;31m-a\x1b[0m",
        "\x1b[32m+b\x1b[0m",
        " c",
    ]


def test_control_characters_are_shown():
    assert painted("-a\x1b[2Jb\x07\r", PLAIN) == "-ab\\x07^M"

"""What goes to a terminal cannot drive it, and is as wide as it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arkes_build.ui.text import counted, cut, duration, pad, safe, safe_lines, width, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("RUN make", "RUN make", id="plain text stays"),
        pytest.param("\x1b[1;31mred\x1b[0m", "red", id="colours are taken out"),
        pytest.param("\x1b]0;title\x07text", "text", id="a window title is taken out"),
        pytest.param("\x1b]8;;http://example.org\x1b\\link", "link", id="a link is taken out"),
        pytest.param("\x1bcreset", "reset", id="a terminal reset is taken out"),
        pytest.param("a\x1b[", "a", id="half a sequence is taken out"),
        pytest.param(" 10%\r 50%\r100%\r\n", "100%", id="a progress bar shows its last state"),
        pytest.param("a\tb", "a       b", id="a tab becomes spaces"),
        pytest.param("a\x00b\x07", "a\\x00b\\x07", id="control characters are shown"),
        pytest.param("evil\u202egpj", "evil\\u202egpj", id="a bidi override is shown"),
        pytest.param("\udcff", "\\udcff", id="a byte that was not UTF-8 is shown"),
        pytest.param("naïve 日本", "naïve 日本", id="letters of all scripts stay"),
        pytest.param("a\nb", "a\\nb", id="a line end within is shown"),
    ],
)
def test_safe(text, shown):
    assert safe(text) == shown


@given(st.text())
def test_safe_text_is_always_printable(text):
    assert safe(text).isprintable()


def test_safe_lines_of_nothing_are_none():
    assert safe_lines("") == []
    assert safe_lines("a\n\x07b") == ["a", "\\x07b"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (0.04, "0.0s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m 00s"),
        (75, "1m 15s"),
        (3599.6, "1h 00m"),
        (7384, "2h 03m"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "columns", "result"),
    [
        pytest.param("abc", 3, "abc", id="what fits stays"),
        pytest.param("abcd", 3, "ab…", id="what does not is cut"),
        pytest.param("日本語", 5, "日本…", id="wide characters count twice"),
        pytest.param("日本語", 4, "日…", id="half a wide character is none"),
        pytest.param("ab cd", 4, "ab…", id="no space before the dots"),
        pytest.param("abc", 0, "", id="no room, no text"),
    ],
)
def test_cut(text, columns, result):
    assert cut(text, columns) == result
    assert width(result) <= columns


def test_pad():
    assert pad("日本", 6) == "日本  "
    assert pad("7", 3, right=True) == "  7"


def test_combining_characters_take_no_column():
    assert width("e\u0301") == 1


def test_wrap_breaks_between_words_and_never_within():
    assert wrap("a bc variants/base.Containerfile:12 d", 6) == [
        "a bc",
        "variants/base.Containerfile:12",
        "d",
    ]


def test_counted():
    assert [counted(n, "node") for n in (0, 1, 2)] == ["0 nodes", "1 node", "2 nodes"]
    assert counted(2, "library", "libraries") == "2 libraries"

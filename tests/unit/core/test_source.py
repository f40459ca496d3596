from __future__ import annotations

import pytest

from arkes_build.core.source import Source

TEXT = "FROM a\r\n\nRUN x"


@pytest.mark.parametrize(
    ("offset", "place"),
    [
        pytest.param(0, (1, 1), id="the first character"),
        pytest.param(7, (1, 8), id="a line end belongs to its line"),
        pytest.param(8, (2, 1), id="an empty line"),
        pytest.param(9, (3, 1), id="the start of the last line"),
        pytest.param(14, (3, 6), id="the end of the text"),
    ],
)
def test_an_offset_has_a_line_and_a_column(offset: int, place: tuple[int, int]) -> None:
    assert Source("f", TEXT).position(offset) == place


@pytest.mark.parametrize(
    ("number", "line"),
    [
        pytest.param(0, "", id="there is no line 0"),
        pytest.param(1, "FROM a", id="without its CR LF"),
        pytest.param(2, "", id="an empty one"),
        pytest.param(3, "RUN x", id="the last one"),
        pytest.param(4, "", id="past the end"),
    ],
)
def test_a_line_comes_without_its_end(number: int, line: str) -> None:
    assert Source("f", TEXT).line(number) == line


def test_a_span_tells_its_place_and_text() -> None:
    span = Source("variants/a.Containerfile", TEXT).span(9, 12)
    assert (str(span), span.line, span.column, span.text) == (
        "variants/a.Containerfile:3:1",
        3,
        1,
        "RUN",
    )


def test_the_text_of_a_source_is_not_in_its_representation() -> None:
    assert repr(Source("f", "x" * 10_000_000)) == "Source('f')"

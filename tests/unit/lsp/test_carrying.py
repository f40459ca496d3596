"""Findings move with the text that is around them."""

import pytest

from arkes_build.core.diagnostics import Diagnostic
from arkes_build.core.source import Source
from arkes_build.lsp.carrying import carried

BEFORE = "one two three"
TWO = (4, 7)


@pytest.mark.parametrize(
    ("after", "place"),
    [
        pytest.param(BEFORE, TWO, id="nothing changed"),
        pytest.param("zero one two three", (9, 12), id="typed before it"),
        pytest.param("one two three four", TWO, id="typed behind it"),
        pytest.param("two three", (0, 3), id="cut before it"),
        pytest.param("one tXwo three", None, id="typed into it"),
        pytest.param("one three", None, id="it was cut"),
        pytest.param("", None, id="all was cut"),
    ],
)
def test_a_finding_moves(after, place):
    finding = Diagnostic(code="x", message="x", span=Source("a", BEFORE).span(*TWO))
    moved = [(f.span.start, f.span.end) for f in carried([finding], "a", after)]
    assert moved == ([place] if place else [])


def test_a_finding_without_a_place_stays_behind():
    assert list(carried([Diagnostic(code="x", message="x")], "a", "")) == []

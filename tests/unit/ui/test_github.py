"""Workflow commands: one line each, whatever the text."""

import pytest

from arkes_build.core.diagnostics import Diagnostic, Severity
from arkes_build.core.source import Source
from arkes_build.ui.github import command

SOURCE = Source("variants/a,b:c%.Containerfile", "FROM a\nRUN x \\\n y\n")


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        pytest.param(
            Diagnostic(code="c", message="wrong", span=SOURCE.span(5, 6), remedy="mend it"),
            "::error file=variants/a%2Cb%3Ac%25.Containerfile,line=1,col=6,endLine=1,endColumn=7,"
            "title=c::wrong%0Amend it",
            id="an error, with a name that holds what has a meaning",
        ),
        pytest.param(
            Diagnostic(code="c", message="odd", span=SOURCE.span(7, 17), severity=Severity.WARNING),
            "::warning file=variants/a%2Cb%3Ac%25.Containerfile,line=2,col=1,endLine=3,endColumn=3,"
            "title=c::odd",
            id="a warning over two lines",
        ),
        pytest.param(
            Diagnostic(code="c", message="100%\r\n::error::x\x1b[2J", severity=Severity.NOTE),
            "::notice title=c::100%25%0D%0A::error::x [2J",
            id="a note without a place, and a text that would be a command",
        ),
    ],
)
def test_a_finding_is_one_line(finding, line):
    assert command(finding) == line

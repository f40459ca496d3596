from __future__ import annotations

from pathlib import Path

import pytest

from arkes_build.core.diagnostics import (
    Diagnostic,
    Label,
    Severity,
    SourceError,
    did_you_mean,
    excerpt,
    in_order,
    render,
)
from arkes_build.core.errors import ExitCode
from arkes_build.core.source import Source

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "core" / "diagnostics.txt"


def finding(text: str, piece: str, *, name: str = "variants/a.Containerfile") -> Diagnostic:
    start = text.index(piece)
    span = Source(name, text).span(start, start + len(piece))
    return Diagnostic(code="a-rule", message="this is wrong", span=span)


def with_all_that_a_finding_can_have() -> Diagnostic:
    header = Source("variants/gnome.Containerfile", "# x-depends=base\n\nFROM arkes:atomic\n")
    return Diagnostic(
        code="depends-disagrees",
        message="x-depends and FROM name different parents",
        severity=Severity.WARNING,
        span=header.span(12, 16),
        remedy="write `# x-depends=atomic`",
        related=(Label(span=header.span(23, 35), text="FROM says atomic"),),
    )


CASES = {
    "a word in a line": finding("ARG A\nFROM arkes:bse AS x\n", "arkes:bse"),
    "the last line without a line end": finding("FROM a\nRUN", "RUN"),
    "an empty line": Diagnostic(
        code="a-rule", message="this is wrong", span=Source("f", "FROM a\n\nRUN x\n").span(7, 7)
    ),
    "the end of the file": Diagnostic(
        code="a-rule", message="this is wrong", span=Source("f", "RUN <<EOT\nx\n").span(12, 12)
    ),
    "more than one line": finding("RUN a \\\n  b\n", "a \\\n  b"),
    "a blank line in between is left out": finding("RUN a \\\n\n  b\n", "a \\\n\n  b"),
    "more lines than are drawn": finding(
        "FROM a\n" * 7 + "RUN a \\\n\n  # why\n\tb \\\n  c\n", "RUN a \\\n\n  # why\n\tb \\\n  c"
    ),
    "wide characters": finding("RUN echo 漢字 oops", "oops"),
    "a span of wide characters": finding("RUN echo 漢字 e\u0301 oops", "漢字 e\u0301"),
    "tabs and control characters": finding("RUN\ta\x1b[31m\u202eb oops", "oops"),
    "a line too long to show": finding("RUN " + "a" * 500 + " oops " + "b" * 500, "oops"),
    "a span too long to show": finding("RUN " + "a" * 500, "a" * 500),
    "line 1000": finding("\n" * 999 + "RUN x", "RUN"),
    "all that a finding can have": with_all_that_a_finding_can_have(),
    "no place": Diagnostic(code="a-rule", message="this is wrong", severity=Severity.NOTE),
}


def test_findings_are_drawn_as_in_the_golden_file() -> None:
    drawn = "\n".join(f"--- {name}\n{render(case)}\n" for name, case in CASES.items())
    assert drawn == GOLDEN.read_text()


def test_an_excerpt_never_carries_what_drives_a_terminal() -> None:
    text = "".join(chr(number) for number in range(0x300) if chr(number) != "\n")
    drawn = excerpt(Source("f", text).span(200, 203))
    assert all(char.isprintable() for char in drawn.replace("\n", ""))


@pytest.mark.parametrize("column", [0, 1, 59, 60, 61, 119, 120, 121, 300, 398, 399])
def test_the_underline_stands_under_the_span_wherever_a_long_line_is_cut(column: int) -> None:
    text = "".join(chr(0x100 + number) for number in range(400))
    drawn = excerpt(Source("f", text).span(column, column + 1))
    shown, underline = (line.partition("| ")[2] for line in drawn.split("\n"))
    assert shown[underline.index("^")] == text[column]


def test_findings_come_by_file_and_place_each_once() -> None:
    text = "FROM a\nRUN b\n"
    first, second = finding(text, "FROM"), finding(text, "RUN")
    elsewhere = finding(text, "FROM", name="variants/b.Containerfile")
    nowhere = Diagnostic(code="a-rule", message="this is wrong")
    given = [elsewhere, second, first, nowhere, finding(text, "FROM")]
    places = [str(d.span) for d in in_order(given)]
    assert places == [
        "None",
        "variants/a.Containerfile:1:1",
        "variants/a.Containerfile:2:1",
        "variants/b.Containerfile:1:1",
    ]


def test_a_source_error_counts_its_errors_only() -> None:
    note = Diagnostic(code="x", message="y", severity=Severity.NOTE)
    one, two = finding("FROM a", "a"), finding("FROM a", "FROM")
    assert SourceError([note, one]).brief == "1 error in the project's files"
    assert SourceError([one, two]).brief == "2 errors in the project's files"
    assert SourceError([one]).exit_code is ExitCode.SOURCE


@pytest.mark.parametrize(
    ("name", "text"),
    [("bse", "did you mean 'base'?"), ("atomci", "did you mean 'atomic'?"), ("xyz", "")],
)
def test_a_near_name_is_offered_and_a_far_one_is_not(name: str, text: str) -> None:
    assert did_you_mean(name, {"base", "atomic"}) == text

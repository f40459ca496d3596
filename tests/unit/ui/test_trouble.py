"""An error says what happened, where, what is known and what to do."""

from arkes_build.core.diagnostics import Diagnostic, Severity, SourceError
from arkes_build.core.errors import ArkesError
from arkes_build.core.source import Source
from arkes_build.ui.trouble import check_end, counts, error_lines


def test_an_error_with_all_it_can_have(no_package, screen, golden):
    golden("error.txt", error_lines(no_package, screen()))


def test_an_error_with_nothing_but_its_brief(screen):
    assert error_lines(ArkesError("no\x07"), screen()) == ["error: no\\x07"]
    assert error_lines(ArkesError("no"), screen(colour=True)) == ["\x1b[1;31merror: no\x1b[0m"]


def test_all_findings_are_shown_with_their_number(screen, golden):
    source = Source("variants/a.Containerfile", "FROM arkes:b\nRUM x\n")
    found = (
        Diagnostic(code="unknown-variant", message="no variant b", span=source.span(5, 12)),
        Diagnostic(
            code="unknown-instruction",
            message="unknown instruction RUM",
            span=source.span(13, 16),
            remedy="did you mean 'RUN'?",
        ),
        Diagnostic(code="odd-header", message="\x1b[2Jodd", severity=Severity.WARNING),
    )
    golden("findings.txt", error_lines(SourceError(found), screen()))


def test_counts():
    warning = Diagnostic(code="c", message="m", severity=Severity.WARNING)
    assert counts([]) == "no findings"
    assert counts([warning]) == "1 warning"


def test_the_end_of_a_check_leads_to_the_page_of_the_worst_finding():
    warning = Diagnostic(code="weak", message="m", severity=Severity.WARNING)
    error = Diagnostic(code="strong", message="m")
    assert check_end([]) == ["no findings"]
    assert check_end([warning, error]) == [
        "1 error, 1 warning",
        "`arkes-build explain strong` says more about a code",
    ]

"""Skips silence what they name, where they stand, and are held to their word."""

import pytest

from arkes_build.core.diagnostics import Severity
from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.project.rules.rule import Rule
from arkes_build.project.rules.skips import RULES, apply, skips_of

WEAK = Rule(code="a-weak-rule", title="It may be so.", severity=Severity.WARNING)
OTHER = Rule(code="another-rule", title="It may be so.", severity=Severity.NOTE)
STRONG = Rule(code="a-strong-rule", title="It is so.")
CATALOGUE = {rule.code: rule for rule in (WEAK, OTHER, STRONG, *RULES)}


def left(text, *, marks=(("bad", WEAK),), judged=True):
    """Return line and code of what is left of a finding at every mark, skips applied."""
    source = Source("f", text)
    file, _ = attempt(source)
    findings = []
    for mark, rule in marks:
        at = text.find(mark)
        while at >= 0:
            findings.append(rule.finding(mark, source.span(at, at + len(mark)), remedy=""))
            at = text.find(mark, at + 1)
    found = apply(skips_of(file), findings, rules=CATALOGUE, is_judged=lambda _: judged)
    return sorted((f.span.line, f.code) for f in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM a\nRUN bad\n", [(2, "a-weak-rule")], id="without a skip all is said"),
        pytest.param(
            "# check=skip=a-weak-rule we know\nFROM a\nRUN bad\nRUN bad\n",
            [],
            id="at the top it counts for the whole file",
        ),
        pytest.param(
            "# syntax=x\n# check=skip=another-rule no\n# check=skip=a-weak-rule yes\nFROM a\n"
            "RUN bad\n",
            [(2, "skip-unused")],
            id="several lines at the top all count",
        ),
        pytest.param(
            "FROM a\n# check=skip=a-weak-rule we know\nRUN bad\nRUN bad\n",
            [(4, "a-weak-rule")],
            id="above an instruction it counts for that one",
        ),
        pytest.param(
            "FROM a\n#check = skip = a-weak-rule , another-rule we know\n# more words\nRUN bad \\\n"
            "  bad\n",
            [(2, "skip-unused")],
            id="several rules, other comments between, several lines of one instruction",
        ),
        pytest.param(
            "FROM a\n# check=skip=a-weak-rule we know\n\nRUN bad\n",
            [(2, "skip-unused"), (4, "a-weak-rule")],
            id="an empty line parts it from the instruction",
        ),
        pytest.param(
            "# check=skip=a-weak-rule\nFROM a\nRUN bad\n",
            [(1, "skip-without-reason")],
            id="without a reason it works, and is reported",
        ),
        pytest.param(
            "# check=skip=a-weak-rule,another-rule;error=true\nFROM a\nRUN bad\n",
            [(1, "skip-unused"), (1, "skip-without-reason")],
            id="what stands behind a semicolon is no reason, and one comment lacks one reason",
        ),
        pytest.param(
            "# check=error=true;skip=a-weak-rule we know\nFROM a\nRUN bad\n",
            [],
            id="other options before it are passed over",
        ),
        pytest.param(
            "# check=skip=StageNameCasing,all,a-weak-rule we know\nFROM a\nRUN bad\n",
            [],
            id="names that are not ours pass in silence",
        ),
        pytest.param("# check=skip=all\nFROM a\n", [], id="all is not ours"),
        pytest.param("# check=error=true\nFROM a\n", [], id="error is not ours"),
        pytest.param(
            "# check=skip=a-weak-role we know\nFROM a\nRUN bad\n",
            [(1, "skip-unknown"), (3, "a-weak-rule")],
            id="a name that is nearly right",
        ),
        pytest.param(
            "# check=skip=skip-unused no\nFROM a\n",
            [(1, "skip-error")],
            id="the rules about skips cannot be skipped",
        ),
    ],
)
def test_skips(text, expected):
    assert left(text) == expected


def test_an_error_stands_and_the_skip_is_reported():
    text = "FROM a\n# check=skip=a-strong-rule we know\nRUN bad\n"
    expected = [(2, "skip-error"), (3, "a-strong-rule")]
    assert left(text, marks=(("bad", STRONG),)) == expected


def test_a_skip_for_what_was_not_looked_at_is_not_judged():
    assert left("# check=skip=a-weak-rule for others\nFROM a\n", judged=False) == []


def test_thousands_of_skips_cost_what_they_are_many():
    comments = "# check=skip=a-weak-rule we know\n" * 20_000
    assert left(f"FROM a\n{comments}RUN bad\nRUN bad\n") == [(20_003, "a-weak-rule")]

"""Name the rules that the parser and its checks hold, each about one file by itself."""

from __future__ import annotations

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.rule import Rule

RULES = (
    Rule(code="arguments", title="An instruction has too few, too many or the wrong arguments."),
    Rule(
        code="directive-duplicate",
        title="A directive is given twice.",
    ),
    Rule(code="directive-escape", title="The escape character can only be \\ or `."),
    Rule(
        code="directive-misplaced",
        title="A directive stands below the top and counts for nothing.",
        severity=Severity.WARNING,
    ),
    Rule(
        code="exec-form-invalid",
        title="What looks like a JSON list is none, and is read as plain text.",
        severity=Severity.WARNING,
    ),
    Rule(code="exec-form-items", title="A JSON list holds something that is no text."),
    Rule(
        code="exec-form-trailing",
        title="Something stands behind a JSON list, and counts for nothing.",
        severity=Severity.WARNING,
    ),
    Rule(code="file-too-large", title="A file is larger than what is read."),
    Rule(code="flag-duplicate", title="A flag is given twice.", severity=Severity.WARNING),
    Rule(code="flag-unknown", title="An instruction does not have this flag."),
    Rule(code="flag-value", title="A flag has no value, or one that it does not know."),
    Rule(code="from-first", title="Something other than ARG stands before the first FROM."),
    Rule(code="from-missing", title="A file has no FROM."),
    Rule(code="header-duplicate", title="A header is given twice."),
    Rule(
        code="header-empty",
        title="A header has no value and counts for nothing.",
        severity=Severity.WARNING,
    ),
    Rule(
        code="header-malformed",
        title="A comment looks like a header and is none.",
        severity=Severity.WARNING,
    ),
    Rule(
        code="header-misplaced",
        title="A header stands below the first instruction and counts for nothing.",
        severity=Severity.WARNING,
    ),
    Rule(
        code="header-unknown", title="There is no header of this name.", severity=Severity.WARNING
    ),
    Rule(code="heredoc-destination", title="A here-document stands where files are written to."),
    Rule(code="heredoc-unclosed", title="A here-document has no end."),
    Rule(code="instruction-unknown", title="There is no instruction of this name."),
    Rule(code="line-too-long", title="A line is longer than what is read."),
    Rule(code="not-utf8", title="A file is not UTF-8 text."),
    Rule(code="nul-byte", title="A file has NUL bytes."),
    Rule(code="onbuild-instruction", title="This instruction cannot stand behind ONBUILD."),
    Rule(code="pair-expected", title="Something that must be name=value is not."),
    Rule(code="quote-unclosed", title="A quote is not closed."),
    Rule(code="stage-duplicate", title="Two stages have the same name.", severity=Severity.WARNING),
    Rule(
        code="stage-name",
        title="Not every engine takes this for the name of a stage.",
        severity=Severity.WARNING,
    ),
    Rule(code="substitution", title="A variable is written in a way that cannot be replaced."),
    Rule(code="too-many-heredocs", title="An instruction has too many here-documents."),
    Rule(code="too-many-instructions", title="A file has too many instructions."),
)
"""The rules of ``arkes_build.language``, by code."""

"""Turn a source into typed nodes, and report all that is wrong with it at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity, SourceError
from arkes_build.language import checks
from arkes_build.language.instructions import InstructionReader
from arkes_build.language.nodes import Comment, Header, Instruction, Systemfile
from arkes_build.language.remarks import header_of
from arkes_build.language.scanner import Scan, scan

if TYPE_CHECKING:
    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Source


def parse(source: Source) -> Systemfile:
    """Return the parsed file, with the warnings about it.

    Raises ``SourceError`` with every finding about the file, warnings included, as
    soon as one of them is an error.
    """
    file, findings = attempt(source)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise SourceError(findings)
    return replace(file, warnings=findings) if findings else file


def attempt(source: Source) -> tuple[Systemfile, tuple[Diagnostic, ...]]:
    """Return as much of the file as can be read, and all findings about it, errors included.

    It is for whoever looks at a file while it is being written. Raises ``SourceError``
    only for a file that is too large to be looked at.
    """
    cut = scan(source)
    findings = list(cut.findings)
    reader = InstructionReader(source, findings)
    instructions = tuple([reader.read(line) for line in cut.lines])
    headers, comments = _remarks(cut, instructions)
    file = Systemfile(
        source=source,
        directives=cut.directives,
        headers=headers,
        comments=comments,
        instructions=instructions,
    )
    findings.extend(checks.check(file, frozenset(reader.broken)))
    return file, tuple(findings)


def _remarks(
    cut: Scan, instructions: tuple[Instruction, ...]
) -> tuple[tuple[Header, ...], tuple[Comment, ...]]:
    """Part the comments: headers stand above the first instruction."""
    first = instructions[0].span.start if instructions else 0
    headers, comments = [], []
    for comment in cut.comments:
        is_above = not instructions or comment.span.start < first
        header = header_of(comment) if is_above else None
        if header is None:
            comments.append(comment)
        else:
            headers.append(header)
    return tuple(headers), tuple(comments)

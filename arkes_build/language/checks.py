"""Check a parsed file by itself: what no other file is needed for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Label, Severity, in_order
from arkes_build.language.instruction_checks import check_instruction
from arkes_build.language.keywords import KEYWORDS
from arkes_build.language.remark_checks import check_remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction, Systemfile

MOST_SUGGESTIONS = 50
"""Unknown instructions of one file that get a suggestion; looking for one is slow."""


def check(file: Systemfile, broken: frozenset[int] = frozenset()) -> tuple[Diagnostic, ...]:
    """Return all findings about a file, errors and warnings, by their place.

    ``broken`` are the places at which instructions begin that could not be read: their
    arguments are not judged a second time.
    """
    return in_order([*_findings(file, broken)])


def _findings(file: Systemfile, broken: frozenset[int]) -> Iterator[Diagnostic]:
    yield from check_remarks(file)
    yield from _order(file)
    yield from _stage_names(file.instructions)
    suggestions = MOST_SUGGESTIONS
    for instruction in file.instructions:
        if instruction.span.start in broken:
            continue
        for finding in check_instruction(instruction, suggest=suggestions > 0):
            suggestions -= finding.code == "instruction-unknown"
            yield finding


def _order(file: Systemfile) -> Iterator[Diagnostic]:
    """Report a file without FROM, and what stands before the first one and is no ARG."""
    for instruction in file.instructions:
        if instruction.keyword == "FROM" or instruction.keyword not in KEYWORDS:
            return
        if instruction.keyword != "ARG":
            yield Diagnostic(
                code="from-first",
                message=f"{instruction.keyword} stands before the first FROM",
                span=_keyword_span(instruction),
                remedy="begin the file with FROM; only ARG may stand above it",
            )
            return
    last = len(file.source.text.rstrip())
    yield Diagnostic(
        code="from-missing",
        message="the file has no FROM" if file.instructions else "the file has no instruction",
        span=file.source.span(max(0, last - 1), last),
        remedy="begin it with `FROM arkes:NAME`, naming the variant it stands on",
    )


def _stage_names(instructions: tuple[Instruction, ...]) -> Iterator[Diagnostic]:
    first: dict[str, Instruction] = {}
    for instruction in instructions:
        words = instruction.words
        if instruction.keyword != "FROM" or len(words) != 3:  # noqa: PLR2004 - image AS name
            continue
        name = words[2].text.lower()
        if name in first:
            yield Diagnostic(
                code="stage-duplicate",
                severity=Severity.WARNING,
                message=f"a second stage is named '{name}'; the name means the later one",
                span=words[2].span,
                remedy="give each stage a name of its own",
                related=(Label(span=first[name].words[2].span, text="first used here"),),
            )
        first.setdefault(name, instruction)


def _keyword_span(instruction: Instruction) -> Span:
    start = instruction.span.start
    return instruction.span.source.span(start, start + len(instruction.keyword))

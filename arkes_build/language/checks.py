"""Check a parsed file by itself: what no other file is needed for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import (
    Diagnostic,
    Label,
    Severity,
    did_you_mean,
    in_order,
)
from arkes_build.language.instruction_checks import check_instruction
from arkes_build.language.keywords import DIRECTIVES, HEADERS, KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Comment, Header, Instruction, Systemfile

MOST_SUGGESTIONS = 50
"""Unknown instructions of one file that get a suggestion; looking for one is slow."""

_LIKE_HEADER = re.compile(r"#\s*(x-[A-Za-z0-9_-]+)\s*[=\s]", re.IGNORECASE)
_SKIP = re.compile(r"#\s*check\s*=\s*skip\s*=\s*[a-z]")
_LIKE_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*\S")


def check(file: Systemfile, broken: frozenset[int] = frozenset()) -> tuple[Diagnostic, ...]:
    """Return all findings about a file, errors and warnings, by their place.

    ``broken`` are the places at which instructions begin that could not be read: their
    arguments are not judged a second time.
    """
    return in_order([*_findings(file, broken)])


def _findings(file: Systemfile, broken: frozenset[int]) -> Iterator[Diagnostic]:
    yield from _headers(file.headers)
    yield from _comments(file)
    yield from _order(file)
    yield from _stage_names(file.instructions)
    suggestions = MOST_SUGGESTIONS
    for instruction in file.instructions:
        if instruction.span.start in broken:
            continue
        for finding in check_instruction(instruction, suggest=suggestions > 0):
            suggestions -= finding.code == "instruction-unknown"
            yield finding


def _headers(headers: tuple[Header, ...]) -> Iterator[Diagnostic]:
    first: dict[str, Header] = {}
    for header in headers:
        if header.key in first:
            yield Diagnostic(
                code="header-duplicate",
                message=f"the header '{header.key}' is given twice",
                span=header.span,
                remedy="join the two into one; lists are comma-separated",
                related=(Label(span=first[header.key].span, text="first given here"),),
            )
        first.setdefault(header.key, header)
        if header.key not in HEADERS:
            yield _warning(
                "header-unknown",
                f"unknown header '{header.key}'",
                header,
                did_you_mean(header.key, HEADERS) or f"known ones: {', '.join(HEADERS)}",
            )
        elif HEADERS[header.key] and not header.value:
            yield _warning(
                "header-empty",
                f"the header '{header.key}' has no value and counts for nothing",
                header,
                f"write `# {header.key}=…`, or remove it",
            )


def _comments(file: Systemfile) -> Iterator[Diagnostic]:
    first = file.instructions[0].span.start if file.instructions else len(file.source.text)
    seen = {directive.name for directive in file.directives}
    for comment in file.comments:
        like = _LIKE_HEADER.match(comment.text)
        if like and like[1].lower() in HEADERS:
            yield _stray_header(comment, like[1].lower(), is_above=comment.span.start < first)
        like = _LIKE_DIRECTIVE.match(comment.text)
        if _SKIP.match(comment.text):
            # it silences a rule of ours, and may stand anywhere
            continue
        if like and like[1].lower() in DIRECTIVES - seen and comment.span.start < first:
            yield _warning(
                "directive-misplaced",
                f"the directive '{like[1].lower()}' does not stand at the very top "
                "and counts for nothing",
                comment,
                "move it to the first line, above other comments and blank lines",
            )


def _stray_header(comment: Comment, key: str, *, is_above: bool) -> Diagnostic:
    if is_above:
        return _warning(
            "header-malformed",
            f"this looks like the header '{key}', but is a plain comment",
            comment,
            f"write `# {key}=…`" if HEADERS[key] else f"write `# {key}` and nothing behind it",
        )
    return _warning(
        "header-misplaced",
        f"the header '{key}' stands below the first instruction and counts for nothing",
        comment,
        "move it above the first instruction",
    )


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


def _warning(code: str, message: str, at: Header | Comment, remedy: str) -> Diagnostic:
    return Diagnostic(
        code=code, severity=Severity.WARNING, message=message, span=at.span, remedy=remedy
    )

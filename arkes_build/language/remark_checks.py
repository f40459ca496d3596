"""Check the comments that say something, or look as if they did: headers and directives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Fix, Label, Severity, nearest
from arkes_build.language.keywords import DIRECTIVES, HEADERS
from arkes_build.language.mending import new_line, renamed, replaced, without_lines
from arkes_build.language.remarks import header_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.language.nodes import Comment, Header, Systemfile

_LIKE_HEADER = re.compile(r"#\s*(x-[A-Za-z0-9_-]+)\s*[=:\s]\s*(.*)", re.IGNORECASE | re.DOTALL)
_LIKE_VALUES = re.compile(r"[\w.-]+(?:\s*,\s*[\w.-]+)*")
_LIKE_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*\S")
_SKIP = re.compile(r"#\s*check\s*=\s*skip\s*=\s*[a-z]")


def check_remarks(file: Systemfile) -> Iterator[Diagnostic]:
    """Yield the findings about headers, and about comments that are nearly one."""
    yield from _headers(file.headers)
    yield from _comments(file)


def _headers(headers: tuple[Header, ...]) -> Iterator[Diagnostic]:
    first: dict[str, Header] = {}
    for header in headers:
        if header.key in first:
            yield _twice(first[header.key], header)
        first.setdefault(header.key, header)
    for header in headers:
        if header.key not in HEADERS:
            near = nearest(header.key, HEADERS)
            written = header.span.text[header.span.text.lower().index(header.key) :]
            yield _warning(
                "header-unknown",
                f"unknown header '{header.key}'",
                header,
                f"did you mean '{near}'?" if near else f"known ones: {', '.join(HEADERS)}",
                renamed(header.span, written[: len(header.key)], near if near not in first else ""),
            )
        elif HEADERS[header.key] and not header.value:
            yield _warning(
                "header-empty",
                f"the header '{header.key}' has no value and counts for nothing",
                header,
                f"write `# {header.key}=…`, or remove it",
                Fix(title=f"remove {header.key}", edits=(without_lines(header.span),)),
            )


def _twice(first: Header, again: Header) -> Diagnostic:
    is_list = HEADERS.get(again.key, False) and again.key != "x-name"
    fix = None
    if first.value == again.value:
        fix = Fix(title="remove the second", edits=(without_lines(again.span),))
    elif is_list and first.value_span and again.value_span:
        joined = replaced(first.value_span, ",".join(dict.fromkeys((*first.items, *again.items))))
        fix = Fix(title="join the two", edits=(*joined.edits, without_lines(again.span)))
    return Diagnostic(
        code="header-duplicate",
        message=f"the header '{again.key}' is given twice",
        span=again.span,
        remedy="join the two into one; lists are comma-separated"
        if is_list
        else "remove one of them",
        related=(Label(span=first.span, text="first given here"),),
        fix=fix,
    )


def _comments(file: Systemfile) -> Iterator[Diagnostic]:
    first = file.instructions[0].span.start if file.instructions else len(file.source.text)
    given = {header.key for header in file.headers}
    seen = {directive.name for directive in file.directives}
    for comment in file.comments:
        like = _LIKE_HEADER.match(comment.text)
        key = like[1].lower() if like else ""
        if like and key in HEADERS and comment.span.start < first:
            yield _malformed(comment, key, like[2].strip())
        elif key in HEADERS:
            yield _misplaced(comment, key, first, is_given=key in given)
        like = _LIKE_DIRECTIVE.match(comment.text)
        if _SKIP.match(comment.text):
            # it silences a rule of ours, and may stand anywhere
            continue
        if like and like[1].lower() in DIRECTIVES - seen and comment.span.start < first:
            yield _below_top(comment, like[1].lower())


def _malformed(comment: Comment, key: str, rest: str) -> Diagnostic:
    fix = None
    if HEADERS[key] and (_LIKE_VALUES.fullmatch(rest) or (key == "x-name" and rest)):
        fix = replaced(comment.span, f"# {key}={rest}")
    return _warning(
        "header-malformed",
        f"this looks like the header '{key}', but is a plain comment",
        comment,
        f"write `# {key}=…`" if HEADERS[key] else f"write `# {key}` and nothing behind it",
        fix,
    )


def _misplaced(comment: Comment, key: str, first: int, *, is_given: bool) -> Diagnostic:
    fix = None
    if header_of(comment) is not None and not is_given:
        above = new_line(comment.span.source, first, comment.text)
        fix = Fix(title="move it up", edits=(above, without_lines(comment.span)))
    return _warning(
        "header-misplaced",
        f"the header '{key}' stands below the first instruction and counts for nothing",
        comment,
        "move it above the first instruction",
        fix,
    )


def _below_top(comment: Comment, name: str) -> Diagnostic:
    fix = None
    if name != "escape":
        # an escape character that comes into force changes how the whole file is read
        above = new_line(comment.span.source, 0, comment.text)
        fix = Fix(title="move it to the top", edits=(above, without_lines(comment.span)))
    return _warning(
        "directive-misplaced",
        f"the directive '{name}' does not stand at the very top and counts for nothing",
        comment,
        "move it to the first line, above other comments and blank lines",
        fix,
    )


def _warning(
    code: str, message: str, at: Header | Comment, remedy: str, fix: Fix | None
) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=Severity.WARNING,
        message=message,
        span=at.span,
        remedy=remedy,
        fix=fix,
    )

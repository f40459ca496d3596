"""Draw what is wrong with what people wrote: place, excerpt, reason, remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.core.source import Source, Span

EXCERPT_WIDTH = 120
"""Widest source line that an excerpt shows whole, in characters."""

MOST_LINES = 4
"""Most lines of one span that an excerpt shows."""


class Severity(Enum):
    """Order findings by how much they matter."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Point at a second place that belongs to a finding."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace what a span covers by a text; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Hold edits of one file that mend a finding without changing anything else."""

    title: str
    """What the edits do, for a menu: ``write COPY``."""
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """Hold one finding about a source.

    ``code`` is the rule's stable name in kebab-case; ``remedy`` says what to do.
    ``fix`` is there when a program can do it.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    span: Span | None = None
    remedy: str = ""
    related: tuple[Label, ...] = ()
    fix: Fix | None = None


class SourceError(ArkesError):
    """Carry all the findings of one run, at least one of them an error."""

    exit_code = ExitCode.SOURCE

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        errors = sum(d.severity is Severity.ERROR for d in self.diagnostics)
        super().__init__(f"{errors} error{'s' if errors != 1 else ''} in the project's files")


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings by file and place, each once."""

    def place(d: Diagnostic) -> tuple[str, int, str, str]:
        if d.span is None:
            return ("", 0, d.code, d.message)
        return (d.span.source.name, d.span.start, d.code, d.message)

    # spans compare by offsets only, so the place tells two files apart
    once = {(place(d), d): d for d in diagnostics}
    return tuple(sorted(once.values(), key=place))


def render(diagnostic: Diagnostic) -> str:
    """Return the finding as text of several lines, without colour, no line end at the end."""
    place = f"{diagnostic.span}: " if diagnostic.span else ""
    head = f"{place}{diagnostic.severity.value}: {diagnostic.message} [{diagnostic.code}]"
    parts = [head]
    if diagnostic.span and diagnostic.span.source.text:
        parts.append(excerpt(diagnostic.span))
    for label in diagnostic.related:
        parts.append(f"  {label.span}: {label.text}")
        parts.append(excerpt(label.span))
    if diagnostic.remedy:
        parts.append(f"  = help: {diagnostic.remedy}")
    return "\n".join(parts)


def excerpt(span: Span) -> str:
    """Return the source lines of the span, each with a line of ``^`` under it.

    Blank lines are left out; of more than ``MOST_LINES`` lines only the first and the last
    are drawn. Tabs and other control characters become one space each, so that the underline
    stays in place and hostile text cannot drive the terminal. A long line is cut around
    the span.
    """
    source = span.source
    first, column = source.position(span.start)
    last = source.position(max(span.start, span.end - 1))[0]
    gutter = len(str(last))
    drawn = [_drawn(source, first, column - 1, span.end, gutter)]
    for line in range(first + 1, last + 1):
        if line == last or last - first < MOST_LINES:
            text = source.line(line)
            blank = len(text) - len(text.lstrip())
            if blank < len(text):
                drawn.append(_drawn(source, line, blank, span.end, gutter))
        elif line == first + 1:
            drawn.append(f"  {'…':>{gutter}} |")
    return "\n".join(drawn)


def _drawn(source: Source, line: int, column: int, end: int, gutter: int) -> str:
    """Return a line, underlined from a column (from 0) to an offset."""
    text = source.line(line)
    start = source.line_starts[line - 1] + column
    cut = max(0, column - EXCERPT_WIDTH // 2) if len(text) > EXCERPT_WIDTH else 0
    length = min(end - start, len(text) - column, EXCERPT_WIDTH - (column - cut))
    # cut first: a long line may have thousands of findings
    shown = "".join(c if c.isprintable() else " " for c in text[cut : cut + EXCERPT_WIDTH])
    before, under = shown[: column - cut], shown[column - cut :][: max(1, length)]
    underline = " " * columns(before) + "^" * max(1, columns(under))
    return f"  {line:>{gutter}} | {shown}".rstrip() + f"\n  {'':{gutter}} | {underline}"


def columns(text: str) -> int:
    """Return how many columns a terminal gives to a printable text."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known name, or an empty text."""
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like another, None when none is like it."""
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return near[0] if near else None

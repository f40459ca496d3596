"""Cut a source into logical lines, as BuildKit does, before anything is parsed.

Line continuations, comments between them, blank lines and here-documents are matters of
physical lines. A logical line knows where each of its pieces stood in the source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Label, SourceError
from arkes_build.language import heredocs
from arkes_build.language.blanks import SPACES
from arkes_build.language.decode import MOST_HEREDOCS, MOST_INSTRUCTIONS
from arkes_build.language.mending import replaced
from arkes_build.language.nodes import Comment, Directive, Heredoc
from arkes_build.language.remarks import directive_of

if TYPE_CHECKING:
    from arkes_build.core.source import Source, Span


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One instruction's text with its continuations joined exactly as BuildKit joins them.

    ``joins`` holds, for every physical line that counts, the offset in ``text`` at
    which it begins, and ``places`` its offset in the source.
    """

    text: str
    joins: tuple[int, ...]
    places: tuple[int, ...]
    end: int
    """Offset in the source at which the last physical line ends, here-documents included."""
    escape: str
    raw: str
    """``text`` before the white space around it was cut, as far as BuildKit leaves it."""
    top: int
    """Offset in the source of the first character, be it of a line that only continues."""
    bottom: int
    """As ``end``, with the comments and blank lines below that a last continuation takes in."""
    heredocs: tuple[Heredoc, ...] = ()

    def at(self, offset: int) -> int:
        """Return the offset in the source of an offset in ``text``."""
        if len(self.joins) == 1:
            return self.places[0] + offset
        piece = bisect_right(self.joins, offset) - 1
        return self.places[piece] + offset - self.joins[piece]

    def span(self, source: Source, start: int, end: int) -> Span:
        """Return the place in the source of ``text[start:end]``."""
        first = self.at(start)
        return source.span(first, self.at(end - 1) + 1 if end > start else first)


@dataclass(frozen=True, slots=True)
class Scan:
    """A source, cut: what the parser reads."""

    lines: tuple[LogicalLine, ...]
    directives: tuple[Directive, ...]
    comments: tuple[Comment, ...]
    findings: tuple[Diagnostic, ...]


def scan(source: Source) -> Scan:
    """Cut a source. Raises ``SourceError`` when it has too many instructions."""
    return _Scanner(source).run()


class _Scanner:
    """Walk over the physical lines once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.position = 0
        self.escape = "\\"
        self.at_top = True
        self.lines: list[LogicalLine] = []
        self.directives: list[Directive] = []
        self.comments: list[Comment] = []
        self.findings: list[Diagnostic] = []

    def run(self) -> Scan:
        while self.position < len(self.text):
            line = self._logical_line()
            if line is None:
                continue
            if len(self.lines) == MOST_INSTRUCTIONS:
                raise SourceError([_too_many(line.span(self.source, 0, len(line.text)))])
            self.lines.append(self._with_heredocs(line))
        return Scan(
            tuple(self.lines),
            tuple(self.directives),
            tuple(self.comments),
            tuple(self.findings),
        )

    def _physical_line(self) -> tuple[int, int]:
        """Return start and end (without the line end) of the next line, and move past it."""
        start = self.position
        end = self.text.find("\n", start)
        if end < 0:
            end = len(self.text)
        self.position = end + 1
        while end > start and self.text[end - 1] == "\r":
            end -= 1
        return start, end

    def _logical_line(self) -> LogicalLine | None:
        """Return the next logical line, None when the next physical one says nothing."""
        start, end = self._physical_line()
        raw = self.text[start:end]
        text = raw.lstrip(SPACES)
        start = end - len(text)
        if not text:
            self.at_top = False
            return None
        if text[0] == "#":
            self._remark(text, start)
            return None
        self.at_top = False
        text, continues = self._trim(text)
        if not continues:
            bare = text.rstrip(SPACES)
            return LogicalLine(bare, (0,), (start,), end, self.escape, text, start, end)
        return self._continued(text, start, end)

    def _continued(self, first: str, start: int, end: int) -> LogicalLine | None:
        parts, joins, places, length = [first], [0], [start], len(first)
        continues, bottom, lead = True, end, ""
        while continues and self.position < len(self.text):
            begin, bottom = self._physical_line()
            stop = bottom
            part = self.text[begin:stop]
            bare = part.lstrip(SPACES)
            if not bare:
                continue
            if bare[0] == "#":
                self._comment(bare, stop - len(bare))
                continue
            if not length:
                lead += part[: len(part) - len(bare)]
                part, begin = bare, stop - len(bare)
            part, continues = self._trim(part)
            parts.append(part)
            joins.append(length)
            places.append(begin)
            length += len(part)
            end = stop
        raw = "".join(parts)
        text = raw.rstrip(SPACES)
        if not text:
            return None
        where = tuple(joins), tuple(places)
        return LogicalLine(text, *where, end, self.escape, lead + raw, start, bottom)

    def _trim(self, line: str) -> tuple[str, bool]:
        """Cut the continuation character; two of them are none, as BuildKit has it."""
        bare = line.rstrip(" \t")
        if not bare.endswith(self.escape) or bare[-2:-1] == self.escape:
            return line, False
        return bare[:-1], True

    def _remark(self, text: str, start: int) -> None:
        found = directive_of(text, self.source, start) if self.at_top else None
        if found is None:
            self.at_top = False
            self._comment(text, start)
            return
        self.directives.append(found)
        same = [d for d in self.directives if d.name == found.name]
        if len(same) > 1 and found.name != "check":
            self.findings.append(_twice(found, same[0]))
        elif found.name == "escape":
            self._set_escape(found)

    def _set_escape(self, found: Directive) -> None:
        if found.value in ("\\", "`"):
            self.escape = found.value
        else:
            self.findings.append(_bad_escape(found))

    def _comment(self, text: str, start: int) -> None:
        span = self.source.span(start, start + len(text))
        self.comments.append(Comment(text=text, span=span))

    def _with_heredocs(self, line: LogicalLine) -> LogicalLine:
        marks = heredocs.marks(line.text) if "<<" in line.text else ()
        if not marks:
            return line
        found, before = [], len(self.findings)
        for mark in marks:
            span = line.span(self.source, mark.start, mark.end)
            document = self._heredoc(mark, span)
            if document is None:
                break
            found.append(document)
        end = found[-1].span.end if found else line.end
        end = max(end, min(self.position - 1, len(self.text)))
        if len(marks) > MOST_HEREDOCS:
            # what one of them lacks is not the matter
            whole = line.span(self.source, 0, len(line.text))
            found, self.findings[before:] = [], [_too_many_heredocs(whole)]
        return replace(line, end=end, bottom=end, heredocs=tuple(found))

    def _heredoc(self, mark: heredocs.Mark, span: Span) -> Heredoc | None:
        """Take a body; without its end mark, report that and take nothing."""
        begin = self.position
        near = None
        while self.position < len(self.text):
            start, end = self._physical_line()
            line = self.text[start:end]
            if (line.lstrip("\t") if mark.strips_tabs else line) == mark.delimiter:
                return self._document(mark, span, begin, start)
            if near is None and line.strip(SPACES) == mark.delimiter.strip(SPACES):
                near = self.source.span(start, end)
        self.findings.append(_unclosed(mark.delimiter, span, near))
        return None

    def _document(self, mark: heredocs.Mark, span: Span, begin: int, end: int) -> Heredoc:
        body = self.text[begin:end]
        if mark.strips_tabs:
            body = re.sub(r"(?m)^\t+", "", body)
        return Heredoc(
            delimiter=mark.delimiter,
            body=body,
            expands=mark.expands,
            strips_tabs=mark.strips_tabs,
            span=span,
            body_span=self.source.span(begin, end),
        )


def _too_many(span: Span) -> Diagnostic:
    return Diagnostic(
        code="too-many-instructions",
        message=f"the file has more than {MOST_INSTRUCTIONS} instructions, here is the next",
        span=span,
        remedy="join commands into one RUN, or move the work into a script that is COPYed",
    )


def _too_many_heredocs(span: Span) -> Diagnostic:
    return Diagnostic(
        code="too-many-heredocs",
        message=f"the instruction has more than {MOST_HEREDOCS} here-documents",
        span=span,
        remedy="COPY files instead",
    )


def _twice(again: Directive, first: Directive) -> Diagnostic:
    return Diagnostic(
        code="directive-duplicate",
        message=f"the directive '{again.name}' is given twice",
        span=again.span,
        remedy="remove one of them",
        related=(Label(span=first.span, text="first given here"),),
    )


def _bad_escape(found: Directive) -> Diagnostic:
    return Diagnostic(
        code="directive-escape",
        message=f"the escape character is '{found.value}'; only \\ and ` can be",
        span=found.span,
        remedy="write `# escape=\\` or `# escape=``, or remove the directive",
    )


def _unclosed(delimiter: str, span: Span, near: Span | None) -> Diagnostic:
    return Diagnostic(
        code="heredoc-unclosed",
        message=f"unclosed here-document {delimiter}, opened at line {span.line}",
        span=span,
        remedy=f"write {delimiter} alone on a line after the text, nothing before or after it",
        related=() if near is None else (Label(span=near, text="this one is not alone"),),
        fix=None if near is None else replaced(near, delimiter, title=f"leave {delimiter} alone"),
    )

"""Gather the shell text of a RUN, piece by piece, and know where each piece stood in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.language.blanks import SPACES

if TYPE_CHECKING:
    from arkes_build.core.source import Source, Span
    from arkes_build.language.nodes import Heredoc

_LINE = re.compile(r"[^\n]*\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellText:
    """A text for a shell. ``joins`` are offsets in it, ``places`` the same in the source.

    With ``whole`` everything stands at that one place: a text that JSON or quotes changed.
    """

    text: str
    source: Source
    joins: tuple[int, ...] = (0,)
    places: tuple[int, ...] = (0,)
    whole: Span | None = None

    def span(self, start: int, end: int) -> Span:
        """Return where ``text[start:end]`` stands in the file."""
        if self.whole is not None:
            return self.whole
        if len(self.joins) == 1:
            return self.source.span(self.places[0] + start, self.places[0] + end)
        first = self._at(start)
        return self.source.span(first, self._at(end - 1) + 1 if end > start else first)

    def _at(self, offset: int) -> int:
        piece = bisect_right(self.joins, offset) - 1
        return self.places[piece] + offset - self.joins[piece]


def joined(span: Span) -> ShellText:
    r"""Return a command over several lines as BuildKit joins it.

    Every line but the last is a comment, blank, or ends with the escape character of the
    file, which is why that one need not be known.
    """
    raw, parts, joins, places, length = span.text, [], [], [], 0
    for found in _LINE.finditer(raw):
        line, begin = found[0], found.start()
        if begin and (not line.strip(SPACES + "\n") or line.lstrip(SPACES).startswith("#")):
            continue
        if found.end() < len(raw):
            line = line.rstrip("\r\n").rstrip(" \t")[:-1]
        parts.append(line)
        joins.append(length)
        places.append(span.start + begin)
        length += len(line)
    return ShellText(
        text="".join(parts), source=span.source, joins=tuple(joins), places=tuple(places)
    )


def document(heredoc: Heredoc) -> ShellText:
    """Return the body of a here-document."""
    place, length, joins, places = heredoc.body_span, 0, [], []
    if not heredoc.strips_tabs:
        return ShellText(text=heredoc.body, source=place.source, places=(place.start,))
    for found in _LINE.finditer(place.text):
        tabs = len(found[0]) - len(found[0].lstrip("\t"))
        joins.append(length)
        places.append(place.start + found.start() + tabs)
        length += len(found[0]) - tabs
    return ShellText(
        text=heredoc.body, source=place.source, joins=tuple(joins), places=tuple(places)
    )

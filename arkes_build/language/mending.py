"""Write the edits that mend a finding in the text it was found in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Edit, Fix

if TYPE_CHECKING:
    from arkes_build.core.source import Source, Span


def replaced(span: Span, text: str, *, title: str = "") -> Fix:
    """Return the fix that writes a text in the place of another."""
    return Fix(title=title or f"write {text}", edits=(Edit(span=span, text=text),))


def renamed(span: Span, old: str, new: str | None) -> Fix | None:
    """Return the fix that replaces ``old`` in a span, None unless it stands there just once.

    What is written with quotes, escapes or variables may not stand there as it is meant.
    """
    if not new or span.text.count(old) != 1:
        return None
    start = span.start + span.text.index(old)
    return replaced(span.source.span(start, start + len(old)), new)


def without_lines(span: Span) -> Edit:
    """Return the edit that takes out the lines a span stands on, with their end."""
    source = span.source
    start = line_start(source, span.start)
    end = source.text.find("\n", span.end)
    return Edit(span=source.span(start, len(source.text) if end < 0 else end + 1), text="")


def new_line(source: Source, offset: int, text: str) -> Edit:
    """Return the edit that writes a line above the one that an offset is in."""
    start = line_start(source, offset)
    end = "\r\n" if "\r\n" in source.text else "\n"
    return Edit(span=source.span(start, start), text=text.rstrip() + end)


def line_start(source: Source, offset: int) -> int:
    """Return the offset of the first character of the line that an offset is in."""
    return source.text.rfind("\n", 0, offset) + 1

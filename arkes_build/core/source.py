"""Remember where every piece of text came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property


class Source:
    """Hold the text of one file, with the name under which people know it.

    ``name`` is a path relative to the project (or as the user typed it), never a
    resolved machine path. ``text`` uses whatever line ends the file has.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __repr__(self) -> str:
        """Return the name only: the text may be long."""
        return f"Source({self.name!r})"

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Return the offset (in characters, from 0) at which each line starts."""
        return (0, *(found.end() for found in re.finditer("\n", self.text)))

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both counted from 1, in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return line ``number`` (from 1) without its line end; empty past the end."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """Return the span of the characters from ``start`` up to, not including, ``end``."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """Point at a piece of a source: offsets in characters, ``end`` not included."""

    source: Source = field(compare=False, repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        """Return the line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Return the column of the first character, from 1."""
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        """Return the text the span covers."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        """Return ``name:line:column``, which editors and terminals make a link of."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

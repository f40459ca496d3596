"""Convert between the offsets of a text and the positions that editors count.

Editors count lines that end in CR LF, LF or a lone CR, and within a line units of the
encoding that was agreed on: UTF-16 unless the client offers another (LSP 3.17, "Position").
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from arkes_build.core.source import Span

UTF8 = types.PositionEncodingKind.Utf8
UTF16 = types.PositionEncodingKind.Utf16
UTF32 = types.PositionEncodingKind.Utf32

BOM = "\ufeff"

_LINE_END = re.compile(r"\r\n|\n|\r")


def units(text: str, encoding: str) -> int:
    """Return how many units of an encoding a text has; a lone surrogate counts as it is sent."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


class Ruler:
    """Measure one text.

    Offsets are those of the text as the parser has it: a byte-order mark in front, which
    editors seldom send, is counted for them and not for us.
    """

    def __init__(self, text: str, encoding: str = UTF16) -> None:
        self.text = text
        self.encoding = encoding
        self._shift = len(BOM) if text.startswith(BOM) else 0
        self._starts = (0, *(found.end() for found in _LINE_END.finditer(text)))

    def position(self, offset: int) -> types.Position:
        """Return the position of an offset; one outside the text is moved to its nearest end."""
        at = min(max(offset + self._shift, 0), len(self.text))
        line = bisect_right(self._starts, at) - 1
        character = units(self.text[self._starts[line] : at], self.encoding)
        return types.Position(line=line, character=character)

    def range(self, start: int, end: int) -> types.Range:
        """Return the range from one offset to another."""
        return types.Range(start=self.position(start), end=self.position(end))

    def of_span(self, span: Span) -> types.Range:
        """Return the range of a span of this text."""
        return self.range(span.start, span.end)

    def raw_offset(self, position: types.Position) -> int:
        """Return the offset in ``text`` of a position; one past a line's end means that end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        line = self._line(position.line)
        if self.encoding == UTF32 or line.isascii():
            return start + min(position.character, len(line))
        used = 0
        for index, character in enumerate(line):
            if used >= position.character:
                return start + index
            used += units(character, self.encoding)
        return start + len(line)

    def offset(self, position: types.Position) -> int:
        """Return the parser's offset of a position."""
        return max(0, self.raw_offset(position) - self._shift)

    def line_start(self, line: int) -> int:
        """Return the parser's offset at which a line (from 0) begins."""
        return max(0, self._starts[min(line, len(self._starts) - 1)] - self._shift)

    def _line(self, number: int) -> str:
        """Return a line without its line end."""
        following = number + 1
        end = self._starts[following] if following < len(self._starts) else len(self.text)
        return self.text[self._starts[number] : end].rstrip("\r\n")

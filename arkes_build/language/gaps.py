"""Find where the white space of a logical line may change and the meaning stays.

Everything else is the instruction's own: what stands inside quotes, in ``WORKDIR``, in the
old form of ``ENV``, behind an escape character, or has odd characters in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from arkes_build.language import arguments, layout
from arkes_build.language.blanks import SPACES
from arkes_build.language.keywords import KEYWORDS, Keyword, Takes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.language.arguments import Piece
    from arkes_build.language.scanner import LogicalLine

_BLANKS = " \t\v\f\r"
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\],]')
_COMMANDS = (Takes.COMMAND, Takes.HEALTH)
_LISTS = (Takes.QUOTED, Takes.NAMES, Takes.PAIRS)
"""Arguments that may be put on a line each when the line is too long."""


class Gap(NamedTuple):
    """White space at ``start`` to ``end`` of a logical line, which may also be a line's end."""

    start: int
    end: int
    text: str | None
    """What stands there when no line ends there; None for what the author wrote."""
    may_wrap: bool = False
    """Whether a line that is too long may end there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A logical line's text in canonical case, and its gaps, ascending and apart."""

    text: str
    gaps: tuple[Gap, ...]
    has_depth: bool
    """Whether a deeper indentation tells people something: in commands it does."""


def shape(line: LogicalLine) -> Shape:
    """Return the shape of a logical line that parses without an error."""
    return _Shaper(line).shape()


class _Shaper:
    def __init__(self, line: LogicalLine) -> None:
        self.line = line
        self.text = line.text
        self.gaps: list[Gap] = []
        self.has_depth = False

    def shape(self) -> Shape:
        self._instruction(0)
        plain = (gap for gap in self.gaps if not self.text[gap.start : gap.end].strip(" \t"))
        return Shape(text=self.text, gaps=tuple(plain), has_depth=self.has_depth)

    def _instruction(self, start: int) -> None:
        text = self.text[start:]
        head = arguments.head(text)
        written = start + len(head.keyword)
        self._upper(start, written)
        end = written
        for flag in head.flags:
            self.gaps.append(Gap(end, start + flag.start, " "))
            end = start + flag.end
        rest = start + len(text) - len(text[head.rest :].lstrip(SPACES))
        between = self.text[end:rest].strip(_BLANKS)
        if between:
            dashes = self.text.index(between, end)
            self.gaps.append(Gap(end, dashes, " "))
            end = dashes + len(between)
        known = KEYWORDS.get(head.keyword.upper())
        if known is None or rest == len(self.text):
            return
        self.gaps.append(Gap(end, rest, " ", may_wrap=not start and known.takes in _LISTS))
        self.has_depth = known.takes in _COMMANDS
        if start:
            self._of_inner(known, rest)
        else:
            self._arguments(known, rest)

    def _of_inner(self, known: Keyword, rest: int) -> None:
        """Find what may be broken behind ``ONBUILD``, whose one word all of it is."""
        if known.takes in (Takes.TEXT, Takes.INSTRUCTION):
            return
        if known.takes is not Takes.PAIRS or "=" in arguments.words(self.text[rest:])[0].text:
            self.gaps += self._shell(rest)

    def _arguments(self, known: Keyword, rest: int) -> None:
        match known.takes:
            case Takes.TEXT:
                return
            case Takes.INSTRUCTION:
                self._instruction(rest)
            case Takes.COMMAND:
                self.gaps += self._json(rest) or self._shell(rest)
            case Takes.HEALTH:
                self._health(rest)
            case Takes.LIST:
                self.gaps += self._json(rest) or self._words(rest)
            case Takes.WORDS:
                self.gaps += self._words(rest)
                self._as(rest)
            case _:
                self.gaps += self._quoted(known, rest)

    def _upper(self, start: int, end: int) -> None:
        word = self.text[start:end]
        if word.isascii():
            self.text = self.text[:start] + word.upper() + self.text[end:]

    def _as(self, rest: int) -> None:
        words = arguments.words(self.text[rest:])
        if self.text.startswith("FROM") and len(words) == 3 and words[1].text.lower() == "as":  # noqa: PLR2004 - image AS name
            self._upper(rest + words[1].start, rest + words[1].end)

    def _json(self, rest: int) -> list[Gap]:
        text = self.text[rest:]
        if arguments.json_list(text) is None:
            return []
        tokens = list(_JSON_TOKEN.finditer(text))
        tokens = tokens[: 1 + next(n for n, token in enumerate(tokens) if token[0] == "]")]
        return [
            Gap(rest + one.end(), rest + other.start(), " " if one[0] == "," else "")
            for one, other in pairwise(tokens)
        ]

    def _shell(self, rest: int) -> Iterator[Gap]:
        for start, end in layout.meaningless_runs(self.text[rest:]):
            yield Gap(rest + start, rest + end, None)

    def _health(self, rest: int) -> None:
        words = arguments.words(self.text[rest:])
        if len(words) < 2:  # noqa: PLR2004 - the type, and something behind it
            return
        self.gaps.append(Gap(rest + words[0].end, rest + words[1].start, " "))
        command = rest + words[1].start
        self.gaps += self._json(command) or self._shell(command)

    def _words(self, rest: int) -> Iterable[Gap]:
        gaps = _between(arguments.words(self.text[rest:]), rest)
        if not self.line.heredocs:
            return gaps
        free = {
            (rest + start, rest + end) for start, end in layout.meaningless_runs(self.text[rest:])
        }
        return (gap for gap in gaps if (gap.start, gap.end) in free)

    def _quoted(self, known: Keyword, rest: int) -> Iterable[Gap]:
        text = self.text[rest:]
        pieces = arguments.quoted(text, self.line.escape)
        if known.takes is Takes.PAIRS and pieces and "=" not in pieces[0].text:
            name = arguments.words(text)[0]
            value = len(text) - len(text[name.end :].lstrip(_BLANKS))
            is_plain = name.end == pieces[0].end and value < len(text)
            return [Gap(rest + name.end, rest + value, " ")] if is_plain else []
        return _between(pieces, rest, may_wrap=True)


def _between(pieces: list[Piece], rest: int, *, may_wrap: bool = False) -> Iterator[Gap]:
    for one, other in pairwise(pieces):
        if one.end < other.start:
            yield Gap(rest + one.end, rest + other.start, " ", may_wrap)

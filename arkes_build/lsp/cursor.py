"""Say what stands where the cursor is, in a text that may be half written."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.language.nodes import Instruction, Systemfile

_BLANKED = {
    escape: re.compile(rf"(?m){re.escape(escape)}[ \t\r]*$|^[ \t]*#.*$") for escape in ("\\", "`")
}
"""Escape character → line ends that continue, and comments: to the instruction they are blank."""

_WORD = re.compile(r"\S+")


class Where(Enum):
    """Name the kinds of places that a cursor can be in."""

    COMMENT = "comment"
    KEYWORD = "keyword"
    FLAG = "flag"
    """In a word that begins with ``--``, with nothing but flags before it."""
    ARGUMENT = "argument"
    HEREDOC = "heredoc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in a text.

    ``word`` is the run of characters without blanks that the place is in or at the end of,
    from ``start`` to ``end``; in a comment it is the whole line's text. ``before`` are the words
    of the instruction between its keyword and this one.
    """

    where: Where
    offset: int
    start: int
    end: int
    text: str
    keyword: str = ""
    before: tuple[str, ...] = ()
    instruction: Instruction | None = None
    """The outermost one; None on a line of its own."""

    @property
    def word(self) -> str:
        """Return the whole word."""
        return self.text[self.start : self.end]

    @property
    def typed(self) -> str:
        """Return the word as far as the cursor."""
        return self.text[self.start : self.offset]

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the words before this one that are no flags."""
        return tuple(word for word in self.before if not word.startswith("--"))

    def flag(self, name: str) -> str | None:
        """Return the value of a flag that stands before this word."""
        values = [w.partition("=")[2] for w in self.before if w.startswith(f"--{name}=")]
        return values[-1] if values else None


def locate(file: Systemfile, text: str, offset: int) -> Cursor:
    """Return what is known of a place; ``file`` is what was parsed of ``text``."""
    offset = min(max(offset, 0), len(text))
    line = text.rfind("\n", 0, offset) + 1
    bare = text[line:offset].lstrip()
    escape = _escape(file)
    instruction = _instruction(file, text, offset, escape)
    if instruction is not None and _in_heredoc(instruction, offset):
        return _cursor(Where.HEREDOC, text, offset, line, instruction, escape)
    if bare.startswith("#"):
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        start = offset - len(bare)
        return Cursor(
            where=Where.COMMENT,
            offset=offset,
            start=start,
            end=start + len(text[start:end].rstrip()),
            text=text,
            instruction=instruction,
        )
    start = line if instruction is None else instruction.span.start
    return _cursor(Where.ARGUMENT, text, offset, start, instruction, escape)


def _cursor(
    where: Where,
    text: str,
    offset: int,
    begin: int,
    instruction: Instruction | None,
    escape: str,
) -> Cursor:
    """Return the place in an instruction that begins at ``begin``."""
    plain = _BLANKED[escape].sub(lambda m: " " * len(m[0]), text[begin:offset])
    words = [(m[0], begin + m.start()) for m in _WORD.finditer(plain)]
    start = offset
    if words and not plain[-1:].isspace():
        start = words.pop()[1]
    following = _WORD.match(text, offset)
    end = following.end() if following else offset
    before = [word for word, _ in words]
    keyword = ""
    if where is Where.ARGUMENT:
        if before and before[0].upper() == "ONBUILD":
            del before[0]
        keyword = before.pop(0).upper() if before else ""
        where = _kind(keyword, before, text[start:end])
    return Cursor(
        where=where,
        offset=offset,
        start=start,
        end=end,
        text=text,
        keyword=keyword or (instruction.keyword if instruction else ""),
        before=tuple(before),
        instruction=instruction,
    )


def _kind(keyword: str, before: list[str], word: str) -> Where:
    if not keyword:
        return Where.KEYWORD
    is_flag = word.startswith("--") and all(each.startswith("--") for each in before)
    return Where.FLAG if is_flag else Where.ARGUMENT


def _escape(file: Systemfile) -> str:
    return "`" if any(d.name == "escape" and d.value == "`" for d in file.directives) else "\\"


def _instruction(file: Systemfile, text: str, offset: int, escape: str) -> Instruction | None:
    """Return the instruction that an offset is in, or right behind on the same logical line."""
    starts = [instruction.span.start for instruction in file.instructions]
    number = bisect_right(starts, offset) - 1
    if number < 0:
        return None
    instruction = file.instructions[number]
    between = text[instruction.span.end : offset]
    is_open = text[: instruction.span.end].rstrip(" \t\r").endswith(escape)
    if offset <= instruction.span.end or "\n" not in between:
        return instruction
    return instruction if is_open and not between.strip() else None


def _in_heredoc(instruction: Instruction, offset: int) -> bool:
    documents = (instruction.inner or instruction).heredocs
    return any(d.body_span.start <= offset < d.body_span.end for d in documents)

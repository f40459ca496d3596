"""Lay one instruction out on lines of its own: the author's breaks, a canonical indentation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.language.blanks import SPACES
from arkes_build.language.gaps import Gap, shape
from arkes_build.language.writer import INDENT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.core.source import Source
    from arkes_build.language.gaps import Shape
    from arkes_build.language.nodes import Comment
    from arkes_build.language.scanner import LogicalLine

TAB = 4
"""Columns of a tab that indents."""

DEEPEST = 40
"""How much deeper than the others a line of a command may stand, in columns."""


@dataclass(slots=True, kw_only=True)
class _Row:
    """One physical line to be: ``parts`` may be put on lines of their own if it is too long."""

    parts: list[str]
    place: int
    """Offset in the source at which it begins."""
    depth: int | None
    """Columns that the author indented it by; None when white space in front has a meaning."""
    comments: list[str] = field(default_factory=list)
    """Comments that stand above it, inside the instruction."""
    glue: str = " "
    """What stands between it and the escape character at its end."""

    @property
    def text(self) -> str:
        return " ".join(self.parts)


def lay_out(line: LogicalLine, source: Source, comments: Sequence[Comment]) -> str:
    """Return an instruction in canonical layout, here-documents included, no line end at the end.

    ``comments`` are those inside it, in their order.
    """
    form = shape(line)
    rows = list(_rows(form, line, source))
    _place_comments(rows, comments)
    indents = _indents(rows, has_depth=form.has_depth)
    lines = []
    for row, indent in zip(rows, indents, strict=True):
        lines += [f"{indent or INDENT}{comment}" for comment in row.comments]
        wrapped = row.parts if _is_too_long(row, indent, is_last=row is rows[-1]) else [row.text]
        glue = f" {line.escape}"
        texts = [f"{indent}{wrapped[0]}", *(f"{INDENT}{part}" for part in wrapped[1:])]
        lines += [f"{text}{glue}" for text in texts[:-1]]
        lines.append(texts[-1] + ("" if row is rows[-1] else f"{row.glue}{line.escape}"))
    lines[-1] += _tail(line, source)
    return "\n".join([*lines, *_documents(line, source)])


def _rows(form: Shape, line: LogicalLine, source: Source) -> Iterator[_Row]:
    """Cut the text where the author's lines end; a cut outside a gap keeps all its blanks."""
    text, start = form.text, 0
    row = _Row(parts=[""], place=line.at(0), depth=0)
    for gap, is_break in _events(form, line):
        row.parts[-1] += text[start : gap.start]
        start = gap.end
        if is_break:
            row.glue = "" if gap.text is None and gap.start == gap.end else " "
            yield row
            place = line.at(gap.end)
            depth = _depth(source, place) if row.glue else None
            row = _Row(parts=[""], place=place, depth=depth)
        elif gap.may_wrap and text[gap.end] != "#":
            row.parts.append("")
        else:
            row.parts[-1] += text[gap.start : gap.end] if gap.text is None else gap.text
    row.parts[-1] += text[start:]
    yield row


def _events(form: Shape, line: LogicalLine) -> Iterator[tuple[Gap, bool]]:
    """Yield, ascending, gaps and cuts that are in none; True where a physical line ends."""
    joins = [join for join in dict.fromkeys(line.joins) if 0 < join < len(form.text)]
    following = 0
    for gap in form.gaps:
        while following < len(joins) and joins[following] < gap.start:
            yield _cut(joins[following]), True
            following += 1
        is_break = False
        while following < len(joins) and joins[following] <= gap.end:
            is_break = True
            following += 1
        yield gap, is_break
    for join in joins[following:]:
        yield _cut(join), True


def _cut(join: int) -> Gap:
    return Gap(join, join, None)


def _depth(source: Source, place: int) -> int:
    start = source.text.rfind("\n", 0, place) + 1
    return len(source.text[start:place].expandtabs(TAB))


def _place_comments(rows: list[_Row], comments: Sequence[Comment]) -> None:
    following = 0
    for row in rows:
        while following < len(comments) and comments[following].span.start < row.place:
            row.comments.append(comments[following].text.rstrip())
            following += 1


def _indents(rows: list[_Row], *, has_depth: bool) -> list[str]:
    depths = [row.depth for row in rows[1:] if row.depth is not None]
    least = min(depths, default=0)
    indents = [""]
    for row in rows[1:]:
        if row.depth is None:
            indents.append("")
        else:
            deeper = min(row.depth - least, DEEPEST) if has_depth else 0
            indents.append(INDENT + " " * deeper)
    return indents


def _is_too_long(row: _Row, indent: str, *, is_last: bool) -> bool:
    room = WIDTH - len(indent) - (0 if is_last else 2)
    return len(row.parts) > 1 and len(row.text) > room


def _tail(line: LogicalLine, source: Source) -> str:
    """Return what keeps a line from being continued that ends with an escape character."""
    text = line.text
    if not text.endswith(line.escape) or text[-2:-1] == line.escape:
        return ""
    start = line.at(len(text) - 1) + 1
    end = start
    while end < len(source.text) and source.text[end] in SPACES and source.text[end] != "\n":
        end += 1
    return source.text[start:end].rstrip(" \t\r") or "\f"


def _documents(line: LogicalLine, source: Source) -> Iterator[str]:
    for document in line.heredocs:
        span = document.body_span
        end = source.text.find("\n", span.end)
        mark = source.text[span.end : end if end >= 0 else len(source.text)]
        yield span.text + mark.rstrip("\r")

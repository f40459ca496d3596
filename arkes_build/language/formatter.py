"""Give a file its canonical layout: same meaning, every comment, one way to write it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.source import Source
from arkes_build.language.decode import MOST_BYTES, MOST_LINE_BYTES
from arkes_build.language.parser import parse
from arkes_build.language.placing import lay_out
from arkes_build.language.remarks import directive_of, header_of
from arkes_build.language.scanner import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.language.nodes import Comment, Instruction, Systemfile
    from arkes_build.language.scanner import LogicalLine, Scan

NOTHING: frozenset[int] = frozenset()
_MOST_ATTEMPTS = 3


class _Item(NamedTuple):
    """Something that stands on lines of its own: where it was, and its new text."""

    start: int
    end: int
    text: str
    is_directive: bool = False
    is_comment: bool = False


def format_text(source: Source) -> str:
    """Return the canonical text of a file; formatting it again changes nothing.

    Instructions, here-documents, directives, headers and comments stay what they are and
    where they are. Raises ``SourceError`` for a file with errors.
    """
    return format_file(parse(source))


def format_file(file: Systemfile) -> str:
    """Return the canonical text of a parsed file.

    What is laid out is read again. An instruction that then read differently would be left
    as its author wrote it.
    """
    source = file.source
    kept = NOTHING
    for _ in range(_MOST_ATTEMPTS):
        text = lay_out_file(source, kept)
        again = _read_again(source.name, text)
        if again is not None and is_same(file, again):
            return text
        changed = _changed(file, again)
        if not changed - kept:
            break
        kept |= changed
    return source.text


def lay_out_file(source: Source, kept: frozenset[int] = NOTHING) -> str:
    """Return a file's canonical text unproved; instructions numbered in ``kept`` stay raw."""
    items = sorted(_items(scan(source), source, kept))
    parts: list[str] = []
    at_top, end = True, 0
    for item in items:
        has_gap = bool(parts) and source.text.count("\n", end, item.start) > 1
        would_direct = at_top and item.is_comment and directive_of(item.text, source, 0)
        if has_gap or would_direct:
            parts.append("")
        at_top = at_top and item.is_directive
        parts.append(item.text)
        end = item.end
    return "\n".join([*parts, ""]) if parts else ""


def is_same(file: Systemfile, other: Systemfile) -> bool:
    """Tell whether two files say the same: instructions, directives, headers, comments."""
    return (
        file.directives == other.directives
        and file.headers == other.headers
        and [each.text.rstrip() for each in file.comments]
        == [each.text.rstrip() for each in other.comments]
        and len(file.instructions) == len(other.instructions)
        and not _changed(file, other)
    )


def _read_again(name: str, text: str) -> Systemfile | None:
    """Return the file that a text is; None when it has errors or is more than can be read."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        return None
    if len(data) > MOST_LINE_BYTES and max(map(len, data.split(b"\n"))) > MOST_LINE_BYTES:
        return None
    try:
        return parse(Source(name, text))
    except SourceError:
        return None


def _changed(file: Systemfile, again: Systemfile | None) -> frozenset[int]:
    """Return the numbers of the instructions that read differently."""
    if again is None:
        return NOTHING
    pairs = zip(file.instructions, again.instructions, strict=False)
    return frozenset(
        number for number, (one, other) in enumerate(pairs) if _plain(one) != _plain(other)
    )


def _plain(instruction: Instruction) -> Instruction:
    """Return an instruction whose ``as`` is upper case, the one word that is."""
    words = instruction.words
    if instruction.keyword != "FROM" or len(words) != 3 or words[1].text == "AS":  # noqa: PLR2004 - image AS name
        return instruction
    upper = replace(words[1], text=words[1].text.upper())
    return replace(instruction, words=(words[0], upper, words[2]))


def _items(cut: Scan, source: Source, kept: frozenset[int]) -> Iterator[_Item]:
    for directive in cut.directives:
        text = f"# {directive.name}={directive.value}"
        yield _Item(directive.span.start, directive.span.end, text, is_directive=True)
    comments = iter(cut.comments)
    comment = next(comments, None)
    for number, line in enumerate(cut.lines):
        start, last = line.at(0), line.at(len(line.text) - 1)
        while comment is not None and comment.span.start < start:
            yield _comment(comment, is_above=number == 0)
            comment = next(comments, None)
        inside = []
        while comment is not None and comment.span.start < last:
            inside.append(comment)
            comment = next(comments, None)
        if number in kept:
            yield _Item(start, line.end, source.text[start : line.end].rstrip("\r"))
        else:
            yield _Item(start, _end(line, last), lay_out(line, source, inside))
    while comment is not None:
        yield _comment(comment, is_above=not cut.lines)
        comment = next(comments, None)


def _end(line: LogicalLine, last: int) -> int:
    """Return where an instruction's last character is; a lone continuation behind is none."""
    return line.end if line.heredocs else last + 1


def _comment(comment: Comment, *, is_above: bool) -> _Item:
    text = comment.text.rstrip()
    header = header_of(comment) if is_above else None
    if header is not None:
        text = f"# {header.key}" + ("" if header.value is None else f"={header.value}")
    return _Item(comment.span.start, comment.span.end, text, is_comment=True)

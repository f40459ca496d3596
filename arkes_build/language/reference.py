"""Say how BuildKit's parser splits each instruction, without a judgement on it.

The nodes of ``instructions`` are for those who build: one escape character, one form of
pairs. What is here is for those who compare: the words as they stand in the file, and the
lines that BuildKit counts. An instruction of ours that BuildKit does not know is split by
its own rules, and one that nobody knows has one empty argument, as BuildKit has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.language import arguments
from arkes_build.language.arguments import NotTexts, Unreadable
from arkes_build.language.blanks import SPACES
from arkes_build.language.keywords import KEYWORDS, Takes
from arkes_build.language.scanner import scan

if TYPE_CHECKING:
    from arkes_build.core.source import Source, Span
    from arkes_build.language.nodes import Heredoc
    from arkes_build.language.scanner import LogicalLine

_BLANKS = re.compile(r"[ \t\v\f\r]+")
_QUOTE = r""""(?:[^"\\]|\\.)*(?:"|\\?\Z)|'(?:[^'\\]|\\.)*(?:'|\\?\Z)"""
_FLAG = re.compile(rf"""\s*(--(?:[^\s"'\\]|\\.|\\\Z|{_QUOTE})*)(?=\s|\Z)""", re.DOTALL)
_QUOTING = re.compile(
    r"""\\(.)|\\\Z|"((?:[^"\\]|\\.)*)(?:"|\\?\Z)|'((?:[^'\\]|\\.)*)(?:'|\\?\Z)""", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_GAP = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One instruction, split. ``inner`` is what ``ONBUILD`` wraps."""

    name: str
    """Upper case."""
    flags: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    """Of ``ONBUILD`` those of the inner instruction; of pairs name, value, name, value …"""
    is_json: bool = False
    is_refused: bool = False
    """Whether BuildKit's parser stops here; our own finding says why."""
    inner: Split | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A split instruction and where it stands, with its here-documents."""

    split: Split
    heredocs: tuple[Heredoc, ...]
    original: str
    """The logical line, continuations joined, the here-documents' texts behind it.

    Not those behind ``ONBUILD``: BuildKit keeps them with the inner instruction.
    """
    span: Span
    """First line to last, comments and blank lines below a last continuation included."""


def read(source: Source) -> tuple[Reading, ...]:
    """Return the instructions of a source. Raises ``SourceError`` when there are too many."""
    return tuple([_reading(line, source) for line in scan(source).lines])


def descriptor(document: Heredoc) -> int:
    """Return the file descriptor that a here-document's mark names, 0 when it names none."""
    digits = re.match("[0-9]*", document.span.text)
    return int(digits[0]) if digits and digits[0] else 0


def _reading(line: LogicalLine, source: Source) -> Reading:
    original = line.raw
    parts = split(line.text, line.escape)
    if line.heredocs and parts.inner is None:
        texts = [f"{each.body_span.text}{each.delimiter}\n" for each in line.heredocs]
        original = "".join([line.raw, "\n", *texts])
    return Reading(
        split=parts,
        heredocs=line.heredocs,
        original=original,
        span=source.span(line.top, line.bottom),
    )


def split(text: str, escape: str) -> Split:
    """Split one logical line; ``escape`` is the file's escape character."""
    name, *others = _BLANKS.split(text.strip(SPACES), maxsplit=1)
    flags, rest = _flags(others[0]) if others else ((), "")
    empty = Split(name=name.upper(), flags=flags)
    known = KEYWORDS.get(empty.name)
    if known is None:
        return replace(empty, arguments=("",))
    if known.takes is Takes.INSTRUCTION:
        return _with_inner(empty, split(rest, escape)) if rest else empty
    try:
        is_json, found = _arguments(known.takes, rest, escape)
    except (NotTexts, _NoPair):
        return replace(empty, arguments=(rest,), is_refused=True)
    return replace(empty, arguments=tuple(found), is_json=is_json)


def _with_inner(outer: Split, inner: Split) -> Split:
    return replace(
        outer,
        arguments=inner.arguments if inner.inner is None else ("",),
        is_json=inner.is_json,
        is_refused=inner.is_refused,
        inner=inner,
    )


class _NoPair(Exception):
    """Say that a word has no ``=`` where a pair must be."""


def _flags(text: str) -> tuple[tuple[str, ...], str]:
    """Return the flags without their quotes, and the rest of the text."""
    flags, position = [], 0
    while found := _FLAG.match(text, position):
        position = found.end()
        flag = _QUOTING.sub(_without_quotes, found[1])
        if flag == "--":
            break
        flags.append(flag)
    return tuple(flags), text[position:].strip(SPACES)


def _without_quotes(match: re.Match[str]) -> str:
    inside = match[2] if match[2] is not None else match[3]
    if inside is not None:
        return _ESCAPED.sub(r"\1", inside)
    return match[1] or ""


def _arguments(takes: Takes, rest: str, escape: str) -> tuple[bool, list[str]]:
    """Return whether the arguments are a JSON list, and the arguments."""
    if not rest:
        return False, []
    match takes:
        case Takes.LIST | Takes.COMMAND:
            return _list_or(takes, rest)
        case Takes.HEALTH:
            return _health(rest)
        case _:
            return False, _texts(takes, rest, escape)


def _texts(takes: Takes, rest: str, escape: str) -> list[str]:
    match takes:
        case Takes.WORDS:
            return _BLANKS.split(rest)
        case Takes.PAIRS:
            return _pairs(rest, escape)
        case Takes.NAMES | Takes.QUOTED:
            return _words(rest, escape)
        case _:
            return [rest]


def _list_or(takes: Takes, rest: str) -> tuple[bool, list[str]]:
    items = arguments.json_list(rest)
    if items is not None:
        return True, [item.text for item in items]
    return False, [rest] if takes is Takes.COMMAND else _BLANKS.split(rest)


def _health(rest: str) -> tuple[bool, list[str]]:
    kind, *command = _GAP.split(rest, maxsplit=1)
    if not command:
        return False, [kind]
    is_json, words = _list_or(Takes.COMMAND, command[0])
    return is_json, [kind, *words]


def _pairs(rest: str, escape: str) -> list[str]:
    words = _words(rest, escape)
    if words and "=" not in words[0]:
        pair = _BLANKS.split(rest, maxsplit=1)
        if len(pair) == 1:
            raise _NoPair
        return pair
    if not all("=" in word for word in words):
        raise _NoPair
    return [part for word in words for part in word.split("=", 1)]


def _words(rest: str, escape: str) -> list[str]:
    """Return words that may hold quotes; behind a quote that is not closed all is one word."""
    try:
        return [piece.text for piece in arguments.quoted(rest, escape)]
    except Unreadable as error:
        before = arguments.quoted(rest[: error.position], escape)
        start = error.position
        if before and before[-1].end == start:
            start = before.pop().start
        last = rest[start:]
        if rest[error.position] == '"' and (len(last) - len(last.rstrip(escape))) % 2:
            last = last[:-1]
        return [*(piece.text for piece in before), last]

"""Find the marks of here-documents (``<<EOT``) on a logical line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from arkes_build.language import arguments
from arkes_build.language.keywords import KEYWORDS, Takes

_UNQUOTE = re.compile(r"""\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\\Z""", re.DOTALL)
_INSIDE_QUOTES = re.compile(r'\\(["\\$])')


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark that opens a here-document, at ``start`` to ``end`` of its logical line."""

    delimiter: str
    expands: bool
    strips_tabs: bool
    start: int
    end: int


def marks(text: str) -> tuple[Mark, ...]:
    r"""Return the marks of the here-documents of a logical line, in their order.

    Only ``RUN``, ``COPY`` and ``ADD`` have any, also behind ``ONBUILD``, and not in
    their JSON form. As in BuildKit a line with an unclosed quote has none, and the
    mark is read with ``\`` as the escape character whatever the file says.
    """
    if not _may_have_any(text):
        return ()
    try:
        words = arguments.quoted(text, "\\")
    except arguments.Unreadable:
        return ()
    found = (_mark(word) for word in words if "<<" in word.text)
    return tuple(mark for mark in found if mark is not None)


def is_mark(word: str) -> bool:
    """Tell whether a word of an instruction opens a here-document."""
    return "<<" in word and _mark(arguments.Piece(word, 0, len(word))) is not None


def _may_have_any(text: str) -> bool:
    head = arguments.lenient_head(text)
    keyword = KEYWORDS.get(head.keyword.upper())
    if keyword is None:
        return False
    rest = text[head.rest :].strip()
    if keyword.takes is Takes.INSTRUCTION:
        return not rest[:8].upper().startswith("ONBUILD") and _may_have_any(rest)
    return keyword.heredocs and not _is_list(rest)


def _is_list(text: str) -> bool:
    try:
        return arguments.json_list(text) is not None
    except arguments.NotTexts:
        return True


def _mark(word: arguments.Piece) -> Mark | None:
    tokens = arguments.heredoc_mark(word.text)
    if tokens is None:
        return None
    strips_tabs, written = tokens
    delimiter = _UNQUOTE.sub(_plain, written)
    if not delimiter:
        return None
    quoted = any(m[0][0] in "'\"" for m in _UNQUOTE.finditer(written))
    return Mark(delimiter, not quoted, strips_tabs, word.start, word.end)


def _plain(match: re.Match[str]) -> str:
    if match[3] is not None:
        return _INSIDE_QUOTES.sub(r"\1", match[3])
    return match[1] or match[2] or ""

"""Read what stands on one logical line: keyword, flags, words, lists.

The grammar defines all of it. Where a text has none of the characters that make
reading hard (quotes, escapes), a regular expression gives the same answer without it;
the tests compare the two.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_BLANK = r"[ \t\v\f\r]"
_WORD = re.compile(r"[^ \t\v\f\r]+")
_PLAIN_FLAG = re.compile(r"""--[^\s"'\\]+""")
_HEAD = re.compile(
    rf"([^ \t\v\f\r]+)((?:{_BLANK}+{_PLAIN_FLAG.pattern})*)"
    rf"(?:{_BLANK}+(?!{_BLANK}|--)|{_BLANK}*\Z)"
)
_LENIENT_HEAD = re.compile(rf"([^ \t\v\f\r]*)(?:{_BLANK}+--\S*)*{_BLANK}*")
_UNQUOTED_WORD = re.compile(r"\S+")
_QUOTED = {
    "\\": re.compile(r"""(?:[^\s"'\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""", re.DOTALL),
    "`": re.compile(r"""(?:[^\s"'`]|`.|'[^']*'|"(?:[^"`]|`.)*")+""", re.DOTALL),
}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PLAIN_MARK = re.compile(r"[0-9]*<<(-?)([A-Za-z0-9_][A-Za-z0-9_.]*)")
_NEEDS_UNQUOTING = re.compile(r"""["'\\]""")
_QUOTING = re.compile(r"""\\(.)|\\\Z|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'""", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python takes for JSON."""
    raise ValueError(name)


_JSON = json.JSONDecoder(parse_constant=_no_constant)
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]]', re.DOTALL)


class Piece(NamedTuple):
    """A piece of a text, and where it stands there."""

    text: str
    start: int
    end: int


class Head(NamedTuple):
    """The keyword as written, the flags, and where the rest begins."""

    keyword: str
    flags: tuple[Piece, ...]
    rest: int


class Unreadable(Exception):
    """Say that a text stops making sense at ``position``: a quote opened there is not closed."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class NotTexts(Exception):
    """Say that a JSON list holds something else than text."""


def head(text: str) -> Head:
    """Cut a stripped logical line into keyword, flags and the rest."""
    found = _HEAD.match(text)
    if found:
        flags = _PLAIN_FLAG.finditer(text, *found.span(2)) if found[2] else ()
        return Head(found[1], tuple([Piece(m[0], *m.span()) for m in flags]), found.end())
    keyword, *others = _pieces("instruction", text)
    pieces = tuple(other.piece for other in others if other.kind == "FLAG")
    rest = others[-1].piece.start if len(pieces) < len(others) else len(text)
    return Head(keyword.piece.text, pieces, rest)


def lenient_head(text: str) -> Head:
    """Cut keyword, flags and rest without a look at quotes: enough to know the keyword."""
    found = _LENIENT_HEAD.match(text)
    return Head(found[1], (), found.end()) if found else Head("", (), 0)


def unquoted_flag(text: str) -> str:
    r"""Return a flag without its quotes and escapes, as BuildKit does (always with ``\``)."""
    if not _NEEDS_UNQUOTING.search(text):
        return text
    return _QUOTING.sub(_without_quotes, text)


def words(text: str) -> list[Piece]:
    """Split at white space; quotes mean nothing."""
    return [Piece(m[0], m.start(), m.end()) for m in _WORD.finditer(text)]


def quoted(text: str, escape: str) -> list[Piece]:
    """Split at white space outside quotes; quotes and escapes stay in the words.

    Raises ``Unreadable`` with the place of a quote that is not closed.
    """
    if not (escape in text or '"' in text or "'" in text):
        return [Piece(m[0], m.start(), m.end()) for m in _UNQUOTED_WORD.finditer(text)]
    found = _quoted_quickly(text, escape)
    if found is not None:
        return found
    rule = "quoted" if escape == "\\" else "quoted_backtick"
    pieces = (_without_last_escape(token.piece, text, escape) for token in _pieces(rule, text))
    return [piece for piece in pieces if piece.text]


def _quoted_quickly(text: str, escape: str) -> list[Piece] | None:
    """Return the words when nothing is odd about the text: every quote closed."""
    pieces: list[Piece] = []
    end = 0
    for match in _QUOTED[escape].finditer(text):
        if text[end : match.start()].strip() or (pieces and end == match.start()):
            return None
        end = match.end()
        pieces.append(Piece(match[0], match.start(), end))
    return None if text[end:].strip() or text.endswith(escape) else pieces


def json_list(text: str) -> list[Piece] | None:
    """Return the decoded items of a JSON list of texts, None for a text that is no JSON list.

    What stands behind the list counts for nothing, as in every podman. Raises ``NotTexts``
    for JSON that has something else among its items.
    """
    if not text.startswith("["):
        return None
    try:
        items, end = _JSON.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in items):
        raise NotTexts
    return [_decoded(Piece(m[0], m.start(), m.end())) for m in _STRING.finditer(text, 0, end)]


def behind_list(text: str) -> str:
    """Return what stands behind the JSON list that a text begins with, if it does."""
    if text.endswith("]") and text.count("]") == 1:
        return ""
    try:
        return text[_JSON.raw_decode(text)[1] :].strip()
    except (ValueError, RecursionError):
        return ""


def json_list_by_grammar(text: str) -> list[Piece] | None:
    """Do what ``json_list`` does, by the grammar alone."""
    try:
        tokens = _pieces("list", text[: _list_end(text)])
    except Unreadable:
        return None
    if any(token.kind != "STRING" for token in tokens):
        raise NotTexts
    return [_decoded(token.piece) for token in tokens]


def _list_end(text: str) -> int:
    """Return where the first bracket is closed, or the length of the text."""
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += {"[": 1, "]": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)


def escaped_blanks(text: str, escape: str) -> str:
    """Return a text with an escape character before every blank outside quotes."""
    other = "`" if escape == "`" else r"\\"
    token = rf"""{other}.|'[^']*'|"(?:[^"{other}]|{other}.)*"|(\s)"""
    return re.sub(token, lambda m: escape + m[1] if m[1] else m[0], text, flags=re.DOTALL)


def heredoc_mark(word: str) -> tuple[bool, str] | None:
    """Return whether a here-document's mark strips tabs, and its delimiter as written."""
    plain = _PLAIN_MARK.fullmatch(word)
    if plain:
        return bool(plain[1]), plain[2]
    try:
        tokens = _pieces("heredoc", word)
    except Unreadable:
        return None
    return any(token.kind == "DASH" for token in tokens), tokens[-1].piece.text


class _Token(NamedTuple):
    kind: str
    piece: Piece


def _pieces(rule: str, text: str) -> list[_Token]:
    """Return the direct children of a rule's tree; a sub-tree counts as one of no text."""
    import lark

    from arkes_build.language import grammar

    try:
        tree = grammar.tree(rule, text)
    except lark.UnexpectedInput as error:
        raise Unreadable(grammar.position(error, text)) from error
    return [
        _Token(child.type, Piece(str(child), child.start_pos or 0, child.end_pos or 0))
        if isinstance(child, lark.Token)
        else _Token("", Piece("", 0, 0))
        for child in tree.children
    ]


def _without_last_escape(piece: Piece, text: str, escape: str) -> Piece:
    """Drop an escape character that ends the whole text: it escapes nothing."""
    run = len(piece.text) - len(piece.text.rstrip(escape))
    if piece.end < len(text) or run % 2 == 0:
        return piece
    return Piece(piece.text[:-1], piece.start, piece.end)


def _without_quotes(match: re.Match[str]) -> str:
    inside = match[2] if match[2] is not None else match[3]
    if inside is not None:
        return _ESCAPED.sub(r"\1", inside)
    return match[1] or ""


def _decoded(piece: Piece) -> Piece:
    text: str = json.loads(piece.text)
    return Piece(_LONE_SURROGATE.sub("\ufffd", text), piece.start, piece.end)

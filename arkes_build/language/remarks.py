"""Read the comments that say something: parser directives and headers.

The grammar defines both. Where the only white space is blanks, a regular expression gives
the same answer without it; the tests compare the two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.language.arguments import Piece
from arkes_build.language.keywords import DIRECTIVES
from arkes_build.language.nodes import Comment, Directive, Header

if TYPE_CHECKING:
    from arkes_build.core.source import Source

_MAY_BE_DIRECTIVE = re.compile(r"#\s*(?!x-)[A-Za-z][A-Za-z0-9]*\s*=")
_MAY_BE_HEADER = re.compile(r"#\s*x-", re.IGNORECASE)
_PLAIN_DIRECTIVE = re.compile(
    r"#[ \t]*(?P<DIRECTIVE>[A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(?P<VALUE>\S.*)"
)
_PLAIN_HEADER = re.compile(
    r"#[ \t]*(?P<HEADER>[xX]-[A-Za-z0-9_-]+)(?:[ \t]*=[ \t]*(?P<VALUE>\S.*)?)?"
)


def directive_of(text: str, source: Source, start: int) -> Directive | None:
    """Return the directive that a comment line at the top is; None ends the directives."""
    if not _MAY_BE_DIRECTIVE.match(text):
        return None
    pieces = _read(_PLAIN_DIRECTIVE, text.rstrip())
    name, value = pieces.get("DIRECTIVE"), pieces.get("VALUE")
    if name is None or value is None or name.text.lower() not in DIRECTIVES:
        return None
    span = source.span(start, start + len(text.rstrip()))
    return Directive(name=name.text.lower(), value=value.text, span=span)


def header_of(comment: Comment) -> Header | None:
    """Return the header that a comment line is, None for words to people."""
    if not _MAY_BE_HEADER.match(comment.text):
        return None
    text = comment.text.rstrip()
    pieces = _read(_PLAIN_HEADER, text)
    key, value = pieces.get("HEADER"), pieces.get("VALUE")
    if key is None:
        return None
    source, start = comment.span.source, comment.span.start
    place = None
    if value is not None:
        place = source.span(start + value.start, start + value.end)
    return Header(
        key=key.text.lower(),
        value=None if value is None and "=" not in text else value.text if value else "",
        span=source.span(start, start + len(text)),
        value_span=place,
    )


def _read(plain: re.Pattern[str], text: str) -> dict[str, Piece]:
    """Return the grammar's terminals in a comment line, by name."""
    found = plain.fullmatch(text)
    if found is None:
        return _read_by_grammar(text)
    return {
        name: Piece(piece, *found.span(name))
        for name, piece in found.groupdict().items()
        if piece is not None
    }


def _read_by_grammar(text: str) -> dict[str, Piece]:
    import lark

    from arkes_build.language import grammar

    try:
        tree = grammar.tree("remark", text)
    except lark.UnexpectedInput:
        return {}
    return {
        child.type: Piece(str(child), child.start_pos or 0, child.end_pos or 0)
        for child in tree.children
        if isinstance(child, lark.Token)
    }

"""Read the comments that say something: parser directives and headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.language.keywords import DIRECTIVES
from arkes_build.language.nodes import Comment, Directive, Header

if TYPE_CHECKING:
    import lark

    from arkes_build.core.source import Source

_MAY_BE_DIRECTIVE = re.compile(r"#\s*(?!x-)[A-Za-z][A-Za-z0-9]*\s*=")
_MAY_BE_HEADER = re.compile(r"#\s*x-", re.IGNORECASE)


def directive_of(text: str, source: Source, start: int) -> Directive | None:
    """Return the directive that a comment line at the top is; None ends the directives."""
    if not _MAY_BE_DIRECTIVE.match(text):
        return None
    tokens = _tokens(text)
    name, value = tokens.get("DIRECTIVE"), tokens.get("VALUE")
    if name is None or value is None or name.lower() not in DIRECTIVES:
        return None
    span = source.span(start, start + len(text.rstrip()))
    return Directive(name=name.lower(), value=str(value), span=span)


def header_of(comment: Comment) -> Header | None:
    """Return the header that a comment line is, None for words to people."""
    if not _MAY_BE_HEADER.match(comment.text):
        return None
    tokens = _tokens(comment.text)
    key, value = tokens.get("HEADER"), tokens.get("VALUE")
    if key is None:
        return None
    source, start = comment.span.source, comment.span.start
    end = start + len(comment.text.rstrip())
    place = None
    if value is not None:
        begin = start + (value.start_pos or 0)
        place = source.span(begin, begin + len(value))
    return Header(
        key=key.lower(),
        value=None if value is None and "=" not in comment.text else str(value or ""),
        span=source.span(start, end),
        value_span=place,
    )


def _tokens(text: str) -> dict[str, lark.Token]:
    import lark

    from arkes_build.language import grammar

    try:
        tree = grammar.tree("remark", text.rstrip())
    except lark.UnexpectedInput:
        return {}
    return {child.type: child for child in tree.children if isinstance(child, lark.Token)}

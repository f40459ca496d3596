r"""Rewrite what was written under ``# escape=``` so that ``\`` is the escape character.

Nodes always use the backslash: whoever expands, hashes or writes them need not know
what the file had chosen. Commands are left as they are, a shell reads them.
"""

from __future__ import annotations

import json
import re

from arkes_build.language.nodes import Form, Word

_TOKEN = re.compile(r"""`(.)|`\Z|'[^']*'|"((?:[^"`]|`.)*)"|\\""", re.DOTALL)
_WORD = re.compile(r"[^ \t\v\f\r]+")
_INSIDE = re.compile(r'`(["$`])|\\', re.DOTALL)


def rewritten(
    form: Form, words: tuple[Word, ...], lines: tuple[str, ...], *, quotes: bool
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Return words and lines of the same meaning with backslash escapes.

    Without ``quotes`` white space parts words wherever it stands, so each is rewritten
    on its own.
    """
    new = tuple(Word(text=with_backslash(word.text), span=word.span) for word in words)
    if form is Form.EXEC:
        items = [word.text for word in new]
        return new, (json.dumps(items, ensure_ascii=False),)
    if quotes:
        return new, tuple(with_backslash(line) for line in lines)
    return new, tuple(_WORD.sub(lambda m: with_backslash(m[0]), line) for line in lines)


def with_backslash(text: str) -> str:
    """Return a text whose quotes are closed with the other escape character."""
    return _TOKEN.sub(_token, text) if "`" in text or "\\" in text else text


def _token(match: re.Match[str]) -> str:
    if match[0] == "\\":
        return "\\\\"
    if match[1] is not None:
        return "\\" + match[1]
    if match[2] is not None:
        return '"' + _INSIDE.sub(_inside, match[2]) + '"'
    return "\\" if match[0] == "`" else match[0]


def _inside(match: re.Match[str]) -> str:
    if match[1] is None:
        return "\\\\"
    return "`" if match[1] == "`" else "\\" + match[1]

"""Load the grammar, with its parser tables kept on disk from one run to the next."""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import lark

from arkes_build.core import kept, resources
from arkes_build.core.digest import bytes_digest

if TYPE_CHECKING:
    from pathlib import Path

FILE = "systemfile.lark"

START = (
    "remark",
    "instruction",
    "words",
    "quoted",
    "quoted_backtick",
    "list",
    "health",
    "heredoc",
    "expansion",
)
"""The rules of the grammar that read a text of their own."""

_loading = threading.Lock()


def tree(start: str, text: str) -> lark.Tree[lark.Token]:
    """Return the tree of a text read by one of the rules in ``START``.

    Tokens carry ``start_pos`` and ``end_pos`` in characters of ``text``. Raises
    ``lark.UnexpectedInput``, whose ``pos_in_stream`` is where the text stops fitting.
    """
    with _loading:
        parser = load()
    return parser.parse(text, start=start)


def position(error: lark.UnexpectedInput, text: str) -> int:
    """Return the offset in a text at which it stops fitting; its length at its end."""
    at = error.pos_in_stream
    is_end = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
    return len(text) if is_end or at is None or at < 0 else at


@lru_cache(maxsize=4)
def load(folder: Path | None = None) -> lark.Lark:
    """Return the parser, from the tables under ``folder`` or made anew from the grammar.

    ``folder`` is by default the user's (``kept.folder``). The tables are plain JSON named
    by the digest of the grammar and Lark's version, so that stale ones are made anew.
    """
    text = resources.grammar(FILE).read_bytes()
    key = bytes_digest(text + lark.__version__.encode() + repr(START).encode())[:16]
    folder = folder or kept.folder()
    path = folder / f"grammar-{key}.json" if folder else None
    known = _read(path) if path else None
    if known is not None:
        return known
    parser = lark.Lark(text.decode(), parser="lalr", start=list(START), maybe_placeholders=False)
    if path:
        _write(path, parser)
    return parser


def _read(path: Path) -> lark.Lark | None:
    body = kept.read(path)
    if body is None:
        return None
    try:
        data, memo = json.loads(body, object_pairs_hook=_with_number_keys)
        parser: lark.Lark = lark.Lark.load({"data": data, "memo": memo})
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return None
    return parser


def _write(path: Path, parser: lark.Lark) -> None:
    tables = parser.memo_serialize([lark.lexer.TerminalDef, lark.grammar.Rule])
    kept.write(path, json.dumps(tables, separators=(",", ":"), default=sorted).encode())


def _with_number_keys(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """Give back the number keys that JSON turned into text: Lark's tables need them."""
    if all(key.isdigit() for key, _ in pairs):
        return {int(key): value for key, value in pairs}
    return dict(pairs)

"""Give a text its canonical layout, by as small an edit as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from arkes_build.core.diagnostics import SourceError
from arkes_build.language.decode import decode
from arkes_build.language.formatter import format_text

if TYPE_CHECKING:
    from arkes_build.lsp.view import View


def layout(view: View) -> list[types.TextEdit]:
    """Return the edit that lays a text out; none for one that is so already, or has errors.

    A text with errors has no layout yet: its findings say what to mend first.
    """
    document = view.document
    try:
        source = decode(document.name, document.text.encode("utf-8", "surrogatepass"))
        after = format_text(source)
    except SourceError:
        return []
    before = document.text
    if after == before:
        return []
    start, end = _difference(before, after)
    tail = len(before) - end
    text = after[start : len(after) - tail]
    return [types.TextEdit(range=document.ruler.range(start, end), new_text=text)]


def _difference(before: str, after: str) -> tuple[int, int]:
    """Return where the lines begin and end in ``before`` that ``after`` has otherwise."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    room, last = min(len(old), len(new)) - same, 0
    while last < room and old[-1 - last] == new[-1 - last]:
        last += 1
    start = sum(len(line) for line in old[:same])
    return start, len(before) - sum(len(line) for line in old[len(old) - last :])

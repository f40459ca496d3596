"""Draw the graph as a tree of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.ui.drawing.sketch import LEFT_OUT
from arkes_build.ui.text import pad, safe, width

if TYPE_CHECKING:
    from arkes_build.ui.drawing.sketch import Box, Sketch

GAP = 3
"""Columns between the names and what is said about them."""


def tree(sketch: Sketch) -> str:
    """Return the tree: each node below what it stands on, roots first.

    What else a node uses is said behind it. Deep graphs are no trouble: nothing recurses.
    """
    parents = {line.needing: line.needed for line in sketch.lines if line.is_main}
    children: dict[str | None, list[Box]] = {}
    for box in sorted(sketch.boxes, key=lambda box: box.name):
        children.setdefault(parents.get(box.name), []).append(box)
    also: dict[str, list[str]] = {}
    for line in sketch.lines:
        if not line.is_main:
            also.setdefault(line.needing, []).append(line.needed)
    rows: list[tuple[str, str]] = []
    stack = [(box, "", "") for box in reversed(children.get(None, []))]
    while stack:
        box, lead, below = stack.pop()
        rows.append((lead + safe(box.name), _remark(box, also.get(box.name, []))))
        inside = children.get(box.name, [])
        last = len(inside) - 1
        branches = [
            (
                child,
                below + ("└─ " if i == last else "├─ "),
                below + ("   " if i == last else "│  "),
            )
            for i, child in enumerate(inside)
        ]
        stack.extend(reversed(branches))
    columns = max((width(name) for name, remark in rows if remark), default=0) + GAP
    return "".join(f"{pad(name, columns)}{remark}".rstrip() + "\n" for name, remark in rows)


def _remark(box: Box, also: list[str]) -> str:
    said = "left out" if box.kind == LEFT_OUT else box.action
    parts = [f"{said}: {box.note}" if said and box.note else said]
    parts += [f"also uses {', '.join(also)}"] if also else []
    return safe("; ".join(part for part in parts if part))

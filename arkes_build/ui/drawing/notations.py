"""Write the graph in other programs' notations: Graphviz, Mermaid, JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.ui.drawing.sketch import LEFT_OUT
from arkes_build.ui.shapes import SCHEMA, document

if TYPE_CHECKING:
    from arkes_build.ui.drawing.sketch import Box, Sketch

_DOT_SHAPES = {
    "bootstrap": 'shape=cylinder, fillcolor="#e2e8f0"',
    "variant": 'fillcolor="#bfdbfe"',
    "template": 'fillcolor="#ddd6fe"',
    "system": 'shape=house, fillcolor="#bbf7d0"',
    LEFT_OUT: 'style="rounded,dashed", color="#94a3b8", fontcolor="#64748b"',
}

_MERMAID_CLASSES = {
    "bootstrap": "fill:#e2e8f0,stroke:#475569,color:#0f172a",
    "variant": "fill:#bfdbfe,stroke:#2563eb,color:#0f172a",
    "template": "fill:#ddd6fe,stroke:#7c3aed,color:#0f172a",
    "system": "fill:#bbf7d0,stroke:#16a34a,color:#0f172a",
    LEFT_OUT: "fill:none,stroke:#94a3b8,color:#64748b,stroke-dasharray:4",
}


def dot(sketch: Sketch) -> str:
    """Return the graph in the DOT language (graphviz.org, "DOT Language")."""
    rows = [
        "digraph arkes {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
        *(
            f"  {_dot(box.name)} [label={_dot(_label(box))}, {_DOT_SHAPES[box.kind]}];"
            for box in sketch.boxes
        ),
        *(
            f"  {_dot(e.needed)} -> {_dot(e.needing)}{'' if e.is_main else ' [style=dashed]'};"
            for e in sketch.lines
        ),
        "}",
    ]
    return "\n".join(rows) + "\n"


def _dot(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def mermaid(sketch: Sketch) -> str:
    """Return the graph as a Mermaid flowchart, which code hosts draw in a README."""
    number = {box.name: f"n{index}" for index, box in enumerate(sketch.boxes)}
    rows = ["flowchart LR"]
    for box in sketch.boxes:
        left, right = ("[(", ")]") if box.kind == "bootstrap" else ("(", ")")
        rows.append(f"  {number[box.name]}{left}{_mermaid(_label(box))}{right}:::{_class(box)}")
    for line in sketch.lines:
        arrow = "-->" if line.is_main else "-.->"
        rows.append(f"  {number[line.needed]} {arrow} {number[line.needing]}")
    used = sorted({box.kind for box in sketch.boxes})
    rows += [f"  classDef {kind.replace('-', '')} {_MERMAID_CLASSES[kind]}" for kind in used]
    return "\n".join(rows) + "\n"


def _class(box: Box) -> str:
    return box.kind.replace("-", "")


def _mermaid(text: str) -> str:
    """Return a label; what could mean something to Mermaid or HTML becomes an entity."""
    escaped = re.sub(r"[^\w .,:/()+…→-]", lambda found: f"#{ord(found[0])};", text)
    return '"' + escaped.replace("#10;", "<br>") + '"'


def _label(box: Box) -> str:
    second = "left out" if box.kind == LEFT_OUT else box.action
    return f"{box.name}\n{second}" if second else box.name


def as_json(sketch: Sketch) -> str:
    """Return the graph as JSON; ``docs/commands.md`` describes it."""
    needs: dict[str, list[str]] = {box.name: [] for box in sketch.boxes}
    for line in sketch.lines:
        needs[line.needing].append(line.needed)
    nodes = [
        {
            "node": box.name,
            "title": box.title,
            "kind": box.kind,
            "generation": box.row,
            "parent": sketch.main_parent(box.name),
            "needs": needs[box.name],
            "action": box.action or None,
            "reason": box.note or None,
        }
        for box in sketch.boxes
        if box.kind != LEFT_OUT
    ]
    left_out = [
        {"node": box.name, "reason": box.note} for box in sketch.boxes if box.kind == LEFT_OUT
    ]
    shape = {"schema": SCHEMA, "type": "graph", "nodes": nodes, "left_out": left_out}
    return document(shape) + "\n"

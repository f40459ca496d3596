"""Hold what every drawing of a graph shows: boxes, rows and lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from arkes_build.plan.actions import Action, Plan, Reason
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.project.model import LeftOut, ResolvedVariant

LEFT_OUT = "left-out"
"""The kind of a box for a node that this family or architecture does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One node as people see it.

    ``kind`` is the node's kind or ``LEFT_OUT``; ``action`` is empty without a plan;
    ``note`` is the first reason, or why the node is left out. ``row`` counts the
    generations from 0.
    """

    name: str
    title: str
    kind: str
    row: int
    action: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One edge. ``is_main`` tells what a node stands on from what it only copies from."""

    needed: str
    needing: str
    is_main: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Boxes in the order of the graph, those left out at the end; lines sorted."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    def main_parent(self, name: str) -> str | None:
        """Return what a box stands on, None at a root."""
        return next((e.needed for e in self.lines if e.needing == name and e.is_main), None)


def sketch_of(graph: BuildGraph, plan: Plan | None, left_out: Sequence[LeftOut]) -> Sketch:
    """Return the sketch of a graph; what a plan left out joins ``left_out``."""
    actions = {} if plan is None else {action.node: action for action in plan.actions}
    rows = {name: row for row, names in enumerate(graph.generations()) for name in names}
    boxes = [_box(graph.node(name), rows[name], actions.get(name)) for name in graph.order()]
    lines = [line for name in graph.order() for line in _lines(graph, name)]
    missing = {item.name: item for item in (*left_out, *(plan.left_out if plan else ()))}
    # Sorted by name: a parent that is left out too comes first and has its row already.
    for name in sorted(missing.keys() - rows.keys()):
        parent = _would_stand_on(name, rows)
        rows[name] = 0 if parent is None else rows[parent] + 1
        boxes.append(
            Box(name=name, title=name, kind=LEFT_OUT, row=rows[name], note=missing[name].reason)
        )
        if parent is not None:
            lines.append(Line(needed=parent, needing=name))
    lines.sort(key=lambda line: (line.needed, line.needing))
    return Sketch(boxes=tuple(boxes), lines=tuple(lines))


def _box(node: ResolvedVariant, row: int, action: Action | None) -> Box:
    return Box(
        name=node.name,
        title=node.display_name,
        kind=node.kind.value,
        row=row,
        action="" if action is None else action.type.value,
        note="" if action is None else _first_reason(action.reasons),
    )


def _lines(graph: BuildGraph, name: str) -> list[Line]:
    parents = graph.parents(name)
    parent = graph.node(name).parent
    main = parent if parent in parents else next(iter(parents), None)
    return [Line(needed=each, needing=name, is_main=each == main) for each in parents]


def _first_reason(reasons: Sequence[Reason]) -> str:
    first = reasons[0]
    return f"{first.where}: {first.text}" if first.where else first.text


def _would_stand_on(name: str, known: Container[str]) -> str | None:
    """Return the node that a template's node is named after: base-nvidia of base-nvidia-slim."""
    while "-" in name:
        name = name.rpartition("-")[0]
        if name in known:
            return name
    return None

"""Draw the graph: as a tree of text, for dot and mermaid, as JSON, and as a picture.

Every drawing is a pure function of a ``Sketch``; ``draw`` picks one by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.plan.actions import Plan
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.project.model import LeftOut

FORMATS = ("text", "dot", "mermaid", "svg", "json")
"""Names that ``draw`` knows; the first one is for a terminal."""


def draw(
    graph: BuildGraph,
    name: str,
    *,
    plan: Plan | None = None,
    left_out: Sequence[LeftOut] = (),
) -> str:
    """Return the graph in one of ``FORMATS``, ended by a line end.

    With a plan every node says what happens to it. Raises ``KeyError`` for another name.
    """
    from arkes_build.ui.drawing.sketch import sketch_of

    sketch = sketch_of(graph, plan, left_out)
    if name == "text":
        from arkes_build.ui.drawing.tree import tree

        return tree(sketch)
    if name == "svg":
        from arkes_build.ui.drawing.svg import svg

        return svg(sketch)
    from arkes_build.ui.drawing import notations

    return {
        "dot": notations.dot,
        "mermaid": notations.mermaid,
        "json": notations.as_json,
    }[name](sketch)

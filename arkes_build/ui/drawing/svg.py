"""Draw the graph as a picture that follows the reader's light or dark theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from arkes_build.ui.drawing.layout import lay_out
from arkes_build.ui.drawing.sketch import LEFT_OUT

if TYPE_CHECKING:
    from arkes_build.ui.drawing.sketch import Sketch


def svg(sketch: Sketch) -> str:
    """Return the graph as SVG 1.1: no scripts, no fonts to fetch, names escaped."""
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("arkes_build.ui.drawing", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["px"] = lambda value: f"{value:g}"
    layout = lay_out(sketch)
    grey = {box.name for box in sketch.boxes if box.kind == LEFT_OUT}
    kinds = list(dict.fromkeys(box.kind for box in sketch.boxes))
    template = environment.get_template("graph.svg.j2")
    return template.render(layout=layout, grey=grey, kinds=kinds)

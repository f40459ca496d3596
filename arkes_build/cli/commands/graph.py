"""`graph`: what stands on what, for a reader, a page or a program."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings

FORMATS = ("text", "dot", "mermaid", "svg", "json")


def _graph(settings: Settings, nodes: tuple[str, ...], form: str, *, actions: bool) -> ExitCode:
    from arkes_build.ui.drawing import draw

    with front.pipeline(settings) as opened:
        text = draw(
            opened.graph(nodes),
            "json" if settings.as_json else form,
            plan=opened.plan(nodes) if actions else None,
            left_out=opened.left_out(),
        )
    if form == "text" and not settings.as_json:
        text = _fitted(text)
    if not settings.quiet:
        sys.stdout.write(text)
        sys.stdout.flush()
    return ExitCode.OK


def _fitted(text: str) -> str:
    """Cut each line where the screen ends: a tree whose lines are broken is none."""
    from arkes_build.ui.screen import screen_of
    from arkes_build.ui.text import cut

    width = screen_of(sys.stdout).width
    return text if width is None else "".join(f"{cut(t, width)}\n" for t in text.splitlines())


command = ProjectCommand(
    "graph",
    callback=_graph,
    params=[
        Nodes("nodes", metavar="[NODE...]", required=False),
        click.Option(
            ["--format", "form"],
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="How to draw it.",
        ),
        click.Option(["--actions"], is_flag=True, help="Say at each node what would be done now."),
    ],
    help="""Draw what stands on what.

    With NODEs only these and what they need are drawn. Without --actions the drawing
    depends on the project's files alone, so it can be kept in a page.""",
    examples=(
        ("arkes-build graph", "a tree of text"),
        ("arkes-build graph atomic-nvidia --actions", "a node, what it needs, what is to do"),
        ("arkes-build graph --format mermaid", "for a README"),
        ("arkes-build graph --format svg > graph.svg", "a picture"),
        ("arkes-build graph --format dot | dot -Tpdf > graph.pdf", "through Graphviz"),
    ),
)

"""`render`: the Containerfile of a node as the engine gets it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _render(settings: Settings, node: str) -> ExitCode:
    with front.pipeline(settings) as opened:
        rendered = opened.render(node)
    if settings.as_json:
        from arkes_build.ui.shapes import rendered_shape

        front.print_shape(rendered_shape(rendered))
    elif not settings.quiet:
        sys.stdout.write(rendered.text)
        sys.stdout.flush()
    return ExitCode.OK


command = ProjectCommand(
    "render",
    callback=_render,
    params=[Nodes("node", metavar="NODE", many=False, required=True)],
    help="""Print the Containerfile of a node.

    It is what the engine builds: templates filled in, the parent named by the digest of
    its image, os-release and labels in the last layer. The same input gives the same bytes.""",
    examples=(
        ("arkes-build render base", "on standard output"),
        ("arkes-build render base-slim > Containerfile", "into a file"),
        ("arkes-build render base --family arch", "as the other family would have it"),
        ("arkes-build render base --json | jq .files", "the files that it copies"),
    ),
)

"""`plan`: what would be built, and why, down to the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings
    from arkes_build.core.errors import ExitCode


def _plan(settings: Settings, nodes: tuple[str, ...]) -> ExitCode:
    return front.show_plan(settings, nodes)


command = ProjectCommand(
    "plan",
    callback=_plan,
    params=[Nodes("nodes", metavar="[NODE...]", required=False)],
    help="""Say what would be built, and why.

    For each node: "build" (an input changed, and which), "wait" (something below it is
    built first; if that comes out identical, the node is reused) or "reuse". Nothing
    is built or written.""",
    examples=(
        ("arkes-build plan", "all nodes"),
        ("arkes-build plan atomic", "one node and what it needs"),
        ("arkes-build plan -v", "with every reason, not only the first ones"),
        ("arkes-build plan --json | jq .is_empty", "for a script: is there anything to do?"),
    ),
)

"""`model`: the nodes as the compiler understood them, for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _model(settings: Settings, nodes: tuple[str, ...]) -> ExitCode:
    from arkes_build.ui.shapes import model_shape

    with front.pipeline(settings) as opened:
        graph, left_out = opened.graph(nodes), opened.left_out()
    front.print_shape(model_shape([graph.node(name) for name in graph.order()], left_out))
    return ExitCode.OK


command = ProjectCommand(
    "model",
    callback=_model,
    params=[Nodes("nodes", metavar="[NODE...]", required=False)],
    help="""Print the nodes as the compiler understood them, as JSON.

    Each node for one family and architecture: what it stands on, its instructions after
    lowering, its build arguments, the files that it uses, its flags for continuous
    integration. Named NODEs come with all they need.""",
    examples=(
        ("arkes-build model | jq '.nodes[].node'", "the names of all nodes"),
        ("arkes-build model base | jq '.nodes[-1].instructions[].text'", "what base does"),
        (
            "arkes-build model | jq '[.nodes[] | select(.clean).node]'",
            "the nodes that ask for a runner with free disk",
        ),
    ),
)

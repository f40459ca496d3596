"""`all` and `build`: make what is not up to date, and say what became of every node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings
    from arkes_build.core.errors import ExitCode


def _build(settings: Settings, nodes: tuple[str, ...] = ()) -> ExitCode:
    if settings.dry_run:
        return front.show_plan(settings, nodes)
    return front.run(settings, nodes)


everything = ProjectCommand(
    "all",
    callback=_build,
    builds=True,
    help="""Build every node of the project.

    Nodes whose files, arguments and parents are what they were are reused. Each
    finished node is committed to the store's OSTree repository, so an interrupted run
    continues where it was.""",
    examples=(
        ("arkes-build all", "build everything that changed"),
        ("arkes-build all -j 4", "four nodes at a time"),
        ("arkes-build all --dry-run", "only say what would be built, and why"),
        ("arkes-build all --json | jq -c .type", "for programs: one JSON object a line"),
    ),
)

nodes = ProjectCommand(
    "build",
    callback=_build,
    builds=True,
    params=[Nodes("nodes", metavar="NODE...", required=True)],
    help="""Build the named nodes and what they need.

    A NODE is a variant (base), a variant with templates (atomic-nvidia), or the path
    of a Systemfile.""",
    examples=(
        ("arkes-build build base", "base and what it stands on"),
        ("arkes-build build atomic-nvidia base-slim", "two nodes side by side"),
        ("arkes-build build ./server/Systemfile", "the system of one machine"),
        ("arkes-build build base --rebuild", "even when nothing changed"),
    ),
)

"""`update`: move the lock forward, and say what that changes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _update(settings: Settings, nodes: tuple[str, ...]) -> ExitCode:
    with front.pipeline(settings) as opened:
        made = opened.update(nodes)
    if settings.as_json:
        from arkes_build.ui.lock import lock_shape

        front.print_shape(lock_shape(made))
    elif not settings.quiet:
        from arkes_build.ui.lock import update_lines
        from arkes_build.ui.screen import screen_of

        front.print_lines(update_lines(made, screen_of(sys.stdout)))
    return ExitCode.OK


command = ProjectCommand(
    "update",
    callback=_update,
    tries=True,
    params=[Nodes("nodes", metavar="[NODE...]", required=False)],
    help="""Move the lock forward, and say what changes.

    The lock is arkes.lock. Each node's own package manager is asked, with fresh package
    lists, what it would install today; nothing is built. The kernel stands first, then what
    comes from a security archive. `build --locked` then builds that.""",
    examples=(
        ("arkes-build update --dry-run", "what there is to update"),
        ("arkes-build update", "take it into the lock"),
        ("arkes-build update base", "only base and what it stands on"),
        ("arkes-build update --dry-run --json | jq .changed", "for a job that asks every night"),
    ),
)

"""`lock`: write down what every node is made of."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _lock(settings: Settings, nodes: tuple[str, ...]) -> ExitCode:
    with front.pipeline(settings) as opened:
        made = opened.lock(nodes)
    if settings.as_json:
        from arkes_build.ui.lock import lock_shape

        front.print_shape(lock_shape(made))
    elif not settings.quiet:
        from arkes_build.ui.lock import lock_lines
        from arkes_build.ui.screen import screen_of

        front.print_lines(lock_lines(made, screen_of(sys.stdout)))
    return ExitCode.OK


command = ProjectCommand(
    "lock",
    callback=_lock,
    tries=True,
    params=[Nodes("nodes", metavar="[NODE...]", required=False)],
    help="""Write down what every node is made of.

    That is arkes.lock. For each node that is built: every package file with version, size
    and sha256, the digests of images and the checksums of files from elsewhere, which
    `build --locked` takes and nothing else. With a NODE only it and what it
    stands on; the rest of the lock stays.""",
    examples=(
        ("arkes-build lock", "lock all that is built"),
        ("arkes-build lock base", "base and what it stands on"),
        ("arkes-build lock --dry-run", "what would change in the lock"),
        ("arkes-build lock && arkes-build all --locked", "and build just that"),
    ),
)

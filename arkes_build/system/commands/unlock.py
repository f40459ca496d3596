"""`os unlock`: a writable /usr, for a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _unlock(host: Host, settings: Settings, *, hotfix: bool) -> ExitCode:
    from arkes_build.host.unlocking import UNTIL, unlock
    from arkes_build.system.screens.actions import gone_shape
    from arkes_build.system.screens.words import full_name

    gone = unlock(host, hotfix=hotfix)
    if settings.as_json:
        printing.print_shape({**gone_shape(gone), "changed": True})
    elif not settings.quiet:
        name = full_name(gone.after)
        printing.print_lines([f"/usr of {name} is writable until {UNTIL[hotfix]}."])
    return ExitCode.OK


command = HostCommand(
    "unlock",
    callback=_unlock,
    changes=True,
    params=[
        click.Option(
            ["--hotfix"],
            is_flag=True,
            help="Keep the changes over reboots, until another release takes this one's place.",
        )
    ],
    help="""Make /usr writable for a trial.

    What is written below /usr goes into a layer above it, which is gone at the next boot.
    With --hotfix it stays as long as the deployment does, and what ran so far can be booted
    without it. No signature and no check knows of these changes: for what is to last there
    is `os edit`.""",
    examples=(
        ("sudo os unlock", "until the next boot"),
        ("sudo os unlock --hotfix", "until the next upgrade"),
    ),
)

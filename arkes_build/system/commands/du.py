"""`os du`: say what each deployment takes on the disk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _du(host: Host, settings: Settings, *, with_var: bool) -> ExitCode:
    from arkes_build.host.updates.usage import usage
    from arkes_build.system.updates.room_text import usage_lines, usage_shape

    found = usage(host, host.sysroot().deployments(), with_var=with_var)
    if settings.as_json:
        printing.print_shape(usage_shape(found))
    elif not settings.quiet:
        from arkes_build.ui.screen import screen_of

        printing.print_lines(usage_lines(found, screen_of(sys.stdout)))
    return ExitCode.OK


command = HostCommand(
    "du",
    callback=_du,
    params=[
        click.Option(["--var", "with_var"], is_flag=True, help="Count /var too, file by file.")
    ],
    help="""Say what each deployment takes on the disk.

    A file that several deployments have is there once. OWN is what would be free without a
    deployment, SHARED what it has in common with another.""",
    examples=(
        ("os du", "deployments, repository, free room"),
        ("sudo os du --var", "and what is in /var"),
        ("os du --json", "for a program"),
    ),
)

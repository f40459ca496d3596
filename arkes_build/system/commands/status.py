"""`os status`: what runs here, what comes next, what one can go back to, what fell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _status(host: Host, settings: Settings) -> ExitCode:
    from arkes_build.host.status import gather
    from arkes_build.system.screens.status import status_lines, status_shape

    status = gather(host)
    if settings.as_json:
        printing.print_shape(status_shape(status))
    elif not settings.quiet:
        printing.print_lines(status_lines(status, screen_of(sys.stdout)))
    return ExitCode.OK


command = HostCommand(
    "status",
    callback=_status,
    help="""Say what runs here, and what comes next.

    Lists the deployments, those first that boot first: staged (comes into place at
    shutdown), next (boots next), running, previous (what `os rollback` goes to) and kept.
    Of each: version, commit, where it comes from, how many packages it has, and who signed
    it. Below that stands what one should know: failed health checks, releases that fell
    and why, an unlocked /usr.""",
    examples=(
        ("os status", "in words"),
        ("os status --json", "for programs"),
    ),
)

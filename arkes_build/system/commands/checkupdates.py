"""`os checkupdates`: say whether there is a newer release."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings

AVAILABLE = 100
"""Exit code when there is something to take, as dnf has it."""


def _checkupdates(host: Host, settings: Settings) -> int:
    from arkes_build.host.updates.looking import look_ahead
    from arkes_build.host.updates.remembered import remember

    outlook = look_ahead(host, host.sysroot())
    found = remember(host, outlook)
    if settings.as_json:
        from arkes_build.system.updates.shape import checkupdates_shape

        printing.print_shape(checkupdates_shape(outlook))
    elif not settings.quiet:
        from arkes_build.system.updates.text import check_lines
        from arkes_build.ui.screen import screen_of

        printing.print_lines(check_lines(outlook, screen_of(sys.stdout)))
    return AVAILABLE if found.is_available else ExitCode.OK


command = HostCommand(
    "checkupdates",
    callback=_checkupdates,
    help="""Say whether there is a newer release of the ref that this machine follows.

    Everybody may ask. The exit code is 100 when there is something to take, 0 when there is
    nothing (also when the newest fell on this machine), and another one for trouble. What root
    finds is remembered in /var/lib/arkes for `os status` and metrics.""",
    examples=(
        ("os checkupdates", "a line or two"),
        ("os checkupdates -q; echo $?", "100 when there is something"),
        ("os checkupdates --json", "for a program"),
    ),
)

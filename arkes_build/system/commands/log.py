"""`os log`: what was done to this machine, and when."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _log(host: Host, settings: Settings, *, number: int) -> ExitCode:
    from arkes_build.host import records
    from arkes_build.system.screens.actions import log_lines, log_shape

    done = records.read(host)[::-1]
    shown = done[:number] if number else done
    if settings.as_json:
        printing.print_shape(log_shape(shown))
    elif not settings.quiet:
        printing.print_lines(log_lines(shown, screen_of(sys.stdout)))
        if len(shown) < len(done):
            printing.print_lines([f"and {len(done) - len(shown)} before: `os log -n 0` has all."])
    return ExitCode.OK


command = HostCommand(
    "log",
    callback=_log,
    params=[
        click.Option(
            ["-n", "--number"],
            type=click.IntRange(min=0),
            default=20,
            metavar="N",
            help="Show the newest N (default: 20); 0 shows all.",
        )
    ],
    help="""Tell what was done to this machine, and when.

    Each upgrade, revert, change of arguments and so on is a line, the newest first: when,
    what, how it ended, how long it took, and where it led. The journal has the same with
    more words: journalctl SYSLOG_IDENTIFIER=os.""",
    examples=(
        ("os log", "the newest twenty"),
        ("os log -n 1 --json", "the last, for programs"),
    ),
)

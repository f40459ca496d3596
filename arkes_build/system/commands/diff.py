"""`os diff`: say what changed between two deployments."""

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


def _diff(
    host: Host,
    settings: Settings,
    *,
    before: str,
    after: str,
    packages: bool,
    etc: bool,
    files: bool,
) -> ExitCode:
    from arkes_build.host.updates.comparing import compare

    found = compare(host, before, after)
    parts = {"packages": packages, "etc": etc, "files": files}
    if settings.as_json:
        from arkes_build.ui.changes.shape import changes_shape

        printing.print_shape(changes_shape(found))
    elif not settings.quiet:
        from arkes_build.system.updates.diff_text import part_lines
        from arkes_build.ui.changes.text import changes_lines
        from arkes_build.ui.screen import screen_of

        screen = screen_of(sys.stdout)
        chosen = [name for name, is_wanted in parts.items() if is_wanted]
        lines = part_lines(found, chosen, screen) if chosen else changes_lines(found, screen)
        printing.print_lines(lines)
    return ExitCode.OK


command = HostCommand(
    "diff",
    callback=_diff,
    params=[
        click.Argument(["before"], metavar="[A]", required=False, default=""),
        click.Argument(["after"], metavar="[B]", required=False, default=""),
        click.Option(["--packages"], is_flag=True, help="Only packages, all of them."),
        click.Option(["--etc"], is_flag=True, help="Only defaults of /etc, all of them."),
        click.Option(["--files"], is_flag=True, help="Only files, every path that differs."),
    ],
    help="""Say what changed between two deployments, or any two releases that were pulled.

    A and B are roles (running, staged, next, previous), numbers (0 is the first that
    `os status` lists), versions, commits or the beginning of one, and refs. Without A and B
    what runs is compared with what boots next, or when that is the same, what was before with
    what runs. Without B, A is compared with what runs. --json has all parts, whatever is asked
    for.""",
    examples=(
        ("os diff", "what the last upgrade changed, or the next one will"),
        ("os diff previous staged --packages", "two deployments, packages only"),
        ("os diff 2026.10 2026.11 --json", "for a program"),
    ),
)

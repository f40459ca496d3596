"""`os pin` and `os unpin`: deployments that stay, whatever comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand
from arkes_build.system.suggesting import suggest_deployments

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _pin(host: Host, settings: Settings, deployment: str | None) -> ExitCode:
    return _do(host, settings, deployment or "running", on=True)


def _unpin(host: Host, settings: Settings, deployment: str) -> ExitCode:
    return _do(host, settings, deployment, on=False)


def _do(host: Host, settings: Settings, word: str, *, on: bool) -> ExitCode:
    from arkes_build.host.pinning import pin
    from arkes_build.system.screens.actions import pinned_lines, pinned_shape

    done = pin(host, word, on=on)
    if settings.as_json:
        printing.print_shape(pinned_shape(done))
    elif not settings.quiet:
        printing.print_lines(pinned_lines(done))
    return ExitCode.OK


command = HostCommand(
    "pin",
    callback=_pin,
    changes=True,
    params=[
        click.Argument(
            ["deployment"],
            metavar="[DEPLOYMENT]",
            required=False,
            shell_complete=suggest_deployments,
        )
    ],
    help="""Keep a deployment, whatever comes.

    A machine keeps two deployments; what is pinned stays beside them, and can be chosen in
    the boot menu. DEPLOYMENT is a version, a commit or the beginning of one, or a role of
    `os status`; without it the running one is pinned. Each pinned one takes room for its
    kernel on the EFI system partition.""",
    examples=(
        ("sudo os pin", "what runs now"),
        ("sudo os pin 2026.11.20", "another one"),
    ),
)

unpin = HostCommand(
    "unpin",
    callback=_unpin,
    changes=True,
    params=[
        click.Argument(["deployment"], metavar="DEPLOYMENT", shell_complete=suggest_deployments)
    ],
    help="""Let a pinned deployment go when its time comes.

    It goes with the next change of deployments, unless it is one of the two that stay.""",
    examples=(("sudo os unpin 2026.11.20", "by the version that `os status` shows"),),
)

"""`os prune`: remove what no deployment needs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.host.acting import Account
    from arkes_build.host.machine import Host
    from arkes_build.host.updates.pruning import Clearing
    from arkes_build.system.command import Settings


def _prune(host: Host, settings: Settings, *, dry_run: bool) -> ExitCode:
    from arkes_build.host.updates.pruning import foresee_clearing
    from arkes_build.system.updates.room_text import clearing_lines, clearing_shape

    found = foresee_clearing(host, host.sysroot()) if dry_run else _cleared(host)
    if settings.as_json:
        printing.print_shape(clearing_shape(found, is_done=not dry_run))
    elif not settings.quiet:
        from arkes_build.ui.screen import screen_of

        printing.print_lines(clearing_lines(found, screen_of(sys.stdout), is_done=not dry_run))
    return ExitCode.OK


def _cleared(host: Host) -> Clearing:
    from arkes_build.host.acting import acting
    from arkes_build.host.journal import Message
    from arkes_build.host.updates.pruning import clear, foresee_clearing

    with acting(host, "prune", Message.PRUNED) as account:
        sysroot = host.sysroot()
        found = foresee_clearing(host, sysroot)
        _note(account, found)
        if not found.is_empty:
            clear(host, sysroot, found)
        return found


def _note(account: Account, found: Clearing) -> None:
    from arkes_build.core.amounts import size
    from arkes_build.host.naming import title

    account.is_nothing = found.is_empty
    account.detail = ", ".join(title(each) for each in found.deployments)
    account.text = f"Removed {found.objects} objects of {size(found.size)}"


def _changes(parameters: Mapping[str, Any]) -> bool:
    return not parameters["dry_run"]


command = HostCommand(
    "prune",
    callback=_prune,
    changes=_changes,
    params=[click.Option(["--dry-run"], is_flag=True, help="Say what would go, and its bytes.")],
    help="""Remove the deployments and files that nothing needs any more.

    What runs, what boots next, what is staged, the one to go back to and every pinned
    deployment stay.""",
    examples=(
        ("os prune --dry-run", "what would go"),
        ("sudo os prune", "make room"),
    ),
)

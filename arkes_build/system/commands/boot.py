"""`os boot`: the steps of a boot, called by units of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.esp import Synced
    from arkes_build.system.command import Settings

STEPS = ("wake", "sync", "health", "bless", "give-up")


def _boot(host: Host, settings: Settings, step: str) -> ExitCode:
    lines, code = _STEPS[step](host)
    if not settings.quiet:
        printing.print_lines(lines)
    return code


def _wake(host: Host) -> tuple[list[str], ExitCode]:
    from arkes_build.host.booting.waking import wake

    fell, synced = wake(host)
    said = [f"{each.version or each.commit[:12]} fell: {each.reason}" for each in fell]
    return [*said, *_synced(host, synced)], ExitCode.OK


def _sync(host: Host) -> tuple[list[str], ExitCode]:
    return _synced(host, host.sysroot().sync()), ExitCode.OK


def _synced(host: Host, synced: Synced) -> list[str]:
    from arkes_build.host import journal

    if synced.written or synced.removed:
        changed = ", ".join((*synced.written, *synced.removed))
        text = "the boot menu follows the deployments"
        journal.send(host, journal.Message.BOOT_SYNCED, text, changed=changed)
    said = [f"written: {path}" for path in synced.written]
    said += [f"removed: {path}" for path in synced.removed]
    said += [
        f"not offered: {each.checksum[:12]}.{each.serial}: {each.why}" for each in synced.refused
    ]
    return said


def _health(host: Host) -> tuple[list[str], ExitCode]:
    from arkes_build.host import health, journal

    result = health.run(host)
    for each in result.failed:
        journal.send(
            host,
            journal.Message.HEALTH_FAILED,
            f"health check {each.brief}",
            priority=journal.Priority.ERROR,
            check=each.name,
            reason=each.output,
        )
    said = [f"{each.name}: well, {each.seconds} s" for each in result.checks if each.is_well]
    return said, ExitCode.OK if result.is_well else ExitCode.BOOT


def _bless(host: Host) -> tuple[list[str], ExitCode]:
    from arkes_build.host.booting.ending import bless

    return (["blessed"] if bless(host) else []), ExitCode.OK


def _give_up(host: Host) -> tuple[list[str], ExitCode]:
    from arkes_build.host.booting.ending import give_up

    return [f"this boot is given up: {give_up(host)}"], ExitCode.OK


_STEPS = {"wake": _wake, "sync": _sync, "health": _health, "bless": _bless, "give-up": _give_up}

command = HostCommand(
    "boot",
    callback=_boot,
    changes=True,
    params=[click.Argument(["step"], type=click.Choice(STEPS))],
    help="""Do one step of a boot; units of the system call this.

    wake sets aside what did not come up and brings the boot menu up to date, sync does the
    latter alone, health runs the checks of health.d, bless ends a trial well and give-up
    notes why it ended otherwise.""",
    examples=(("os boot health", "ask the system whether it is well"),),
)

"""`os upgrade`: show what is offered, then bring this machine to it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arkes_build.host.machine import Host
    from arkes_build.host.updates.outlook import Outlook
    from arkes_build.host.updates.upgrading import Request, Taken
    from arkes_build.sysroot.sysroot import Sysroot
    from arkes_build.system.command import Settings


def _upgrade(
    host: Host,
    settings: Settings,
    *,
    plan: bool,
    download_only: bool,
    reboot: bool,
    again: bool,
    allow_downgrade: bool,
) -> ExitCode:
    from arkes_build.host.updates.looking import look_ahead
    from arkes_build.host.updates.upgrading import Request

    if reboot and (plan or download_only):
        raise click.UsageError("--reboot goes with neither --plan nor --download-only")
    request = Request(download_only=download_only, again=again, allow_downgrade=allow_downgrade)
    taken = None
    with _alone(host, is_plan=plan):
        sysroot = host.sysroot()
        outlook = look_ahead(host, sysroot)
        if not settings.as_json and not settings.quiet:
            _show(outlook)
        if not plan and outlook.has_something and not (download_only and outlook.is_here):
            taken = _take(host, sysroot, outlook, request, settings)
    if settings.as_json:
        from arkes_build.system.updates.shape import upgrade_shape

        printing.print_shape(upgrade_shape(outlook, taken))
    elif taken is not None and not settings.quiet:
        _tell(taken, reboots=reboot)
    if reboot and _waits(outlook, taken):
        from arkes_build.core.process import run

        run(["systemctl", "reboot"])
    return ExitCode.OK


@contextmanager
def _alone(host: Host, *, is_plan: bool) -> Iterator[None]:
    """Hold the machine's lock, and end in order; whoever only plans needs neither."""
    from arkes_build.front.ending import orderly
    from arkes_build.host.lock import held

    if is_plan:
        yield
    else:
        with orderly(), held(host, doing="upgrade"):
            yield


def _take(
    host: Host, sysroot: Sysroot, outlook: Outlook, request: Request, settings: Settings
) -> Taken:
    from arkes_build.host.updates.upgrading import take
    from arkes_build.system.updates.progress import listener, steps

    say = listener(is_quiet=settings.quiet or settings.as_json)
    try:
        return take(host, sysroot, outlook, request, on_progress=say, sink=steps(say))
    finally:
        say("")


def _waits(outlook: Outlook, taken: Taken | None) -> bool:
    """Tell whether a reboot brings something new."""
    from arkes_build.host.updates.outlook import State

    return taken.is_deployed if taken is not None else outlook.state is State.STAGED


def _show(outlook: Outlook) -> None:
    from arkes_build.system.updates.text import outlook_lines
    from arkes_build.ui.screen import screen_of

    printing.print_lines(outlook_lines(outlook, screen_of(sys.stdout)))


def _tell(taken: Taken, *, reboots: bool) -> None:
    from arkes_build.system.updates.text import taken_lines
    from arkes_build.ui.screen import screen_of

    printing.print_lines(["", *taken_lines(taken, screen_of(sys.stdout), reboots=reboots)])


def _changes(parameters: Mapping[str, Any]) -> bool:
    return not parameters["plan"]


def _flag(name: str, text: str) -> click.Option:
    return click.Option([name], is_flag=True, help=text)


command = HostCommand(
    "upgrade",
    callback=_upgrade,
    changes=_changes,
    params=[
        _flag("--plan", "Show what would come, and stop there."),
        _flag("--download-only", "Fetch it, and put nothing in place."),
        _flag("--reboot", "Reboot when it is ready."),
        _flag("--again", "Take also a release that fell on this machine."),
        _flag("--allow-downgrade", "Take also a release that is older than what runs."),
    ],
    help="""Bring this machine to the newest release of the ref that it follows.

    First only what the release says of itself is fetched and verified: what changes, what it
    costs, and what becomes of your changes in /etc. Then it is downloaded and made ready
    beside the system that runs; the next boot runs it. With a Systemfile in /etc/system that
    is built on it first. Whatever goes wrong, the machine boots what it would have booted.
    --plan is for everybody, all else for root.""",
    examples=(
        ("os upgrade --plan", "what would come, and what becomes of your /etc"),
        ("sudo os upgrade", "make it ready for the next boot"),
        ("sudo os upgrade --reboot", "and go there at once"),
        ("sudo os upgrade --download-only", "fetch it now, put it in place later"),
    ),
)

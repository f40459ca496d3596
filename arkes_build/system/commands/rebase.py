"""`os rebase`: another ref from now on, of this source or of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from arkes_build.front.ending import orderly
from arkes_build.system.command import HostCommand
from arkes_build.system.going import listener, progress, show

if TYPE_CHECKING:
    from arkes_build.core.errors import ExitCode
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _rebase(host: Host, settings: Settings, ref: str, *, url: str | None, again: bool) -> ExitCode:
    from arkes_build.host.rebasing import rebase

    with orderly(), progress(settings) as say:
        gone = rebase(host, ref, url=url, again=again, on_progress=say, sink=listener(say))
    return show(gone, settings)


command = HostCommand(
    "rebase",
    callback=_rebase,
    changes=True,
    params=[
        click.Argument(["ref"], metavar="REF"),
        click.Option(
            ["--url"],
            metavar="ADDRESS",
            help="Take it from there (http://, https://, file://) instead of where updates "
            "came from so far.",
        ),
        click.Option(["--again"], is_flag=True, help="Take it although it fell on this machine."),
    ],
    help="""Follow another ref from now on.

    The newest release of REF is verified with the keys that this machine trusts, fetched
    and deployed for the next boot; upgrades come from REF from then on. Where only one ref
    ends with /REF, that part is enough. `os revert` undoes it, the source included.""",
    examples=(
        ("sudo os rebase arkes/x86_64/server", "another system of the same source"),
        ("sudo os rebase server", "the same, shorter"),
        ("sudo os rebase --url https://os.example.org/repo base", "another source"),
    ),
)

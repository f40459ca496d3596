"""`os manual`: the pages and scripts that an image brings along, made when it is built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _manual(host: Host, settings: Settings, folder: Path) -> ExitCode:
    from arkes_build.system.group import PROGRAM
    from arkes_build.system.manual.files import write

    del host
    written = write(folder, [PROGRAM])
    if not settings.quiet:
        printing.print_lines(written)
    return ExitCode.OK


command = HostCommand(
    "manual",
    callback=_manual,
    anywhere=True,
    params=[click.Argument(["folder"], metavar="DIR", type=click.Path(path_type=Path))],
    help="""Write manual pages and completion scripts below a folder.

    An image's build calls it with /usr.""",
    examples=(("os manual /usr", "what `man os` and the shells read"),),
)

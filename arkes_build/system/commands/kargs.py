"""`os kargs`: the arguments that the kernel starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.front.ending import orderly
from arkes_build.system.command import HostCommand
from arkes_build.system.going import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _kargs(
    host: Host,
    settings: Settings,
    *,
    append: Sequence[str],
    delete: Sequence[str],
    replace: Sequence[str],
) -> ExitCode:
    from arkes_build.host.kargs import Edits, change, present
    from arkes_build.system.screens.kargs import kargs_lines, kargs_shape

    edits = Edits(append=tuple(append), delete=tuple(delete), replace=tuple(replace))
    if not edits.is_nothing:
        with orderly():
            return show(change(host, edits), settings)
    following, running = present(host)
    if settings.as_json:
        printing.print_shape(kargs_shape(following, running))
    elif not settings.quiet:
        printing.print_lines(kargs_lines(following, running))
    return ExitCode.OK


def _changes(parameters: Mapping[str, Any]) -> bool:
    return any(parameters[name] for name in ("append", "delete", "replace"))


def _option(name: str, metavar: str, help_text: str) -> click.Option:
    return click.Option([name], metavar=metavar, multiple=True, help=help_text)


command = HostCommand(
    "kargs",
    callback=_kargs,
    changes=_changes,
    params=[
        _option("--append", "ARGUMENT", "Add it at the end, unless it is there."),
        _option("--delete", "NAME[=VALUE]", "Take it away; NAME alone takes all of that name."),
        _option("--replace", "NAME=VALUE", "Put it in the place of what has that name."),
    ],
    help="""Show or change the arguments of the kernel.

    A change deploys what boots next once more, with the new arguments, so `os revert`
    undoes it. Each option may be given more than once; first is deleted, then replaced,
    then appended. The arguments stay through upgrades; those that an image asks for come
    and go with the image.""",
    examples=(
        ("os kargs", "those of the next boot"),
        ("sudo os kargs --append quiet", "one more"),
        ("sudo os kargs --replace loglevel=7 --delete quiet", "several changes at once"),
    ),
)

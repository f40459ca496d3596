"""`pin` and `unpin`: releases that stay, whatever retention says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.delivery.keeping.pins import Pinned


def _pin(settings: Settings, release: str | None, note: str) -> ExitCode:
    from arkes_build.pipeline import pinning

    if release is None and note:
        raise click.UsageError("--note belongs to a release: name one")
    options = settings.options()
    if release is None:
        return _show(settings, pinning.pinned(options))
    return _show(settings, pinning.pin(options, release, note=note))


def _unpin(settings: Settings, release: str) -> ExitCode:
    from arkes_build.pipeline import pinning

    return _show(settings, pinning.unpin(settings.options(), release))


def _show(settings: Settings, pins: Sequence[Pinned]) -> ExitCode:
    if settings.as_json:
        from arkes_build.ui.kept import pins_shape

        front.print_shape(pins_shape(pins))
    elif not settings.quiet:
        from arkes_build.ui.kept import pins_lines
        from arkes_build.ui.screen import screen_of

        front.print_lines(pins_lines(pins, screen_of(sys.stdout)))
    return ExitCode.OK


command = ProjectCommand(
    "pin",
    callback=_pin,
    params=[
        click.Argument(["release"], metavar="[RELEASE]", required=False),
        click.Option(["--note"], metavar="TEXT", default="", help="Why it is to stay."),
    ],
    help="""Keep a release, whatever retention says.

    RELEASE is a node, a ref, a commit or the beginning of one; base^ and base~2 are earlier
    releases. Prints all pinned releases; without RELEASE it does only that.""",
    examples=(
        ("arkes-build pin base", "the newest release of base"),
        ('arkes-build pin base~3 --note "before the new kernel"', "an earlier one, and why"),
        ("arkes-build pin", "what is pinned"),
    ),
)

unpin = ProjectCommand(
    "unpin",
    callback=_unpin,
    params=[click.Argument(["release"], metavar="RELEASE")],
    help="""Let retention have a pinned release again.

    Prints what is still pinned. Nothing is removed before the next prune.""",
    examples=(
        ("arkes-build unpin ffa0744d82c2", "by its commit, as `arkes-build pin` lists it"),
        ("arkes-build unpin base~3", "while it can still be counted from the newest"),
    ),
)

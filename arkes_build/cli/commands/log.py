"""`log`: the releases of a ref, and what each changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _log(settings: Settings, ref: str, count: int, *, oneline: bool) -> ExitCode:
    from arkes_build.pipeline.log import releases

    found = releases(settings.options(), ref, count)
    if settings.as_json:
        from arkes_build.ui.log import log_shape

        front.print_shape(log_shape(found))
    elif not settings.quiet:
        from arkes_build.ui.log import log_lines, oneline_lines
        from arkes_build.ui.screen import screen_of

        draw = oneline_lines if oneline else log_lines
        front.print_lines(draw(found, screen_of(sys.stdout)))
    return ExitCode.OK


command = ProjectCommand(
    "log",
    callback=_log,
    params=[
        click.Argument(["ref"], metavar="REF"),
        click.Option(
            ["-n", "count"],
            type=click.IntRange(min=1),
            default=10,
            metavar="N",
            help="Show the last N releases (default: 10).",
        ),
        click.Option(["--oneline"], is_flag=True, help="One line for each release."),
    ],
    help="""Tell the releases of a ref, and what each changed.

    REF is a node, a ref, a commit or the beginning of one; base^ and base~2 are earlier ones.
    For each release: who signed it, whether it is pinned, what machines with the release
    before fetch (the bars compare it with the others), packages, units, users, /etc, kernel.
    All of it is read from the commits; `arkes-build diff` compares the trees themselves.""",
    examples=(
        ("arkes-build log base", "the last ten releases"),
        ("arkes-build log base -n 100 --oneline", "one line for each"),
        ("arkes-build log base~3 -n 1", "a single earlier one"),
        ("arkes-build log base --json | jq '.releases[].changes.object_bytes'", "for a program"),
    ),
)

"""`diff`: what changed between two releases, nodes or images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings
    from arkes_build.history.model import Changes


def _diff(
    settings: Settings,
    *,
    before: str,
    after: str,
    files: bool,
    measure: bool,
    repo: Path | None,
    page: Path | None,
) -> ExitCode:
    from arkes_build.pipeline.history import diff

    found = diff(
        settings.options(),
        before,
        after,
        front.notices(settings),
        measure=measure,
        published=repo,
    )
    if page is not None:
        from arkes_build.core.atomic import write_atomically
        from arkes_build.ui.changes.page import changes_page

        write_atomically(page, changes_page(found).encode())
    if settings.as_json:
        from arkes_build.ui.changes.shape import changes_shape

        front.print_shape(changes_shape(found))
    elif not settings.quiet and page is None:
        _print(found, settings, files=files)
    return ExitCode.OK


def _print(found: Changes, settings: Settings, *, files: bool) -> None:
    from arkes_build.ui.changes.text import changes_lines
    from arkes_build.ui.screen import screen_of

    screen = screen_of(sys.stdout)
    front.print_lines(changes_lines(found, screen, verbose=settings.verbose, files=files))


command = ProjectCommand(
    "diff",
    callback=_diff,
    params=[
        click.Argument(["before"], metavar="A"),
        click.Argument(["after"], metavar="[B]", required=False, default=""),
        click.Option(["--files"], is_flag=True, help="List every path that differs."),
        click.Option(
            ["--measure"],
            is_flag=True,
            help="Compress all that is new, to know the bytes of a download to the last.",
        ),
        click.Option(
            ["--repo"],
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            metavar="DIR",
            help="A published repository: what it serves is what a download takes.",
        ),
        click.Option(
            ["--html", "page"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write a page for a browser instead, in one file.",
        ),
    ],
    help="""Say what changed between two releases, nodes or images.

    Packages, defaults of /etc, units, users, kernel and its arguments; files and bytes by
    package and by the line that wrote them; and what a machine with A downloads to get B.
    A and B are nodes, refs, commits or the beginning of one, and images of the engine; base^
    and base~2 are earlier releases of base. Without B, A is compared with the release
    before it.""",
    examples=(
        ("arkes-build diff base", "what the last release of base changed"),
        ("arkes-build diff base~3 base", "what the last three changed together"),
        ("arkes-build diff base atomic", "what one node has that another has not"),
        ("arkes-build diff base --html base.html", "a page with all of it"),
        ("arkes-build diff base --json | jq .packages", "for a program"),
    ),
)

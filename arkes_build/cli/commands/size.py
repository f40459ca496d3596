"""`size`: what the bytes of a node are spent on."""

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
    from arkes_build.history.sizes import Spending

BY = ("package", "line", "folder")


def _size(settings: Settings, ref: str, page: Path | None, by: str | None) -> ExitCode:
    from arkes_build.pipeline.sizes import spending

    found = spending(settings.options(), ref)
    if page is not None:
        _write(page, found)
    if settings.as_json:
        from arkes_build.ui.sizes import size_shape

        front.print_shape(size_shape(found))
    elif page is not None and not settings.quiet:
        front.print_lines([f"{page} shows it."])
    elif not settings.quiet:
        from arkes_build.ui.screen import screen_of
        from arkes_build.ui.sizes import size_lines

        screen = screen_of(sys.stdout)
        front.print_lines(size_lines(found, screen, by=by, everything=settings.verbose))
    return ExitCode.OK


def _write(page: Path, found: Spending) -> None:
    from arkes_build.core.atomic import write_atomically
    from arkes_build.project.errors import Unwritable
    from arkes_build.ui.sizepage import size_page

    try:
        write_atomically(page, size_page(found).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise Unwritable(str(page), why=(error.strerror or "unknown").lower()) from error


command = ProjectCommand(
    "size",
    callback=_size,
    params=[
        click.Argument(["ref"], metavar="REF"),
        click.Option(
            ["--by"], type=click.Choice(BY), help="Only one table, with more rows: by what."
        ),
        click.Option(
            ["--html", "page"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write a page with a map of the packages instead.",
        ),
    ],
    help="""Say what the bytes of a node are spent on.

    By package, by the line of a Systemfile that wrote a file last, and by folder; and how
    much of its budget is used. REF is a node, a ref, a commit or the beginning of one; base^
    and base~2 are earlier ones. -v shows all rows.""",
    examples=(
        ("arkes-build size atomic", "three short tables"),
        ("arkes-build size atomic --by line", "what each line of a Systemfile brought"),
        ("arkes-build size atomic --html sizes.html", "a page to look at in a browser"),
        ("arkes-build size atomic --json | jq '.packages[:5]'", "for a program"),
    ),
)

"""`prune`: remove old releases and all that nothing needs."""

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


def _prune(settings: Settings, repository: Path | None, *, downloads: bool) -> ExitCode:
    from arkes_build.pipeline.pruning import prune

    if repository is not None and downloads:
        raise click.UsageError("--downloads are in the store: not with --repo")
    pruned = prune(
        settings.options(), front.notices(settings), downloads=downloads, published=repository
    )
    if settings.as_json:
        from arkes_build.ui.kept import prune_shape

        front.print_shape(prune_shape(pruned))
    elif not settings.quiet:
        from arkes_build.ui.kept import prune_lines
        from arkes_build.ui.screen import screen_of

        front.print_lines(prune_lines(pruned, screen_of(sys.stdout), verbose=settings.verbose))
    return ExitCode.OK


command = ProjectCommand(
    "prune",
    callback=_prune,
    tries=True,
    params=[
        click.Option(
            ["--repo", "repository"],
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="Prune this folder, which was published to, instead of the store.",
        ),
        click.Option(["--downloads"], is_flag=True, help="Remove what the bootstrap fetched too."),
    ],
    help="""Remove old releases and all that nothing needs.

    Which releases of a node stay is said by [retention] of arkes.toml: so many, or those of
    so many days; without it all do. The newest and what is pinned always stays. Then goes
    what no release, no image and no build has a use for: layers, objects, logs.""",
    examples=(
        ("arkes-build prune --dry-run", "what would go, and how many bytes that frees"),
        ("arkes-build prune --dry-run -v", "release by release, with what keeps it"),
        ("arkes-build prune", "do it"),
        ("arkes-build prune --repo /srv/www/repo", "in what is published"),
    ),
)

"""`publish`: write a repository that any web server can serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _publish(
    settings: Settings,
    *,
    destination: Path,
    nodes: tuple[str, ...],
    url: str | None,
    unsigned: bool,
    tested: bool,
) -> ExitCode:
    from arkes_build.pipeline.publishing import Request, publish

    if settings.dry_run:
        raise click.UsageError("publish has no dry run; try it with another folder as DEST")
    request = Request(
        destination=destination,
        nodes=nodes,
        url=url,
        is_unsigned=unsigned,
        is_tested=tested,
    )
    with front.listener(settings, screen_of(sys.stdout)) as sink:
        published = publish(settings.options(), request, sink)
    if settings.as_json:
        from arkes_build.ui.published import published_shape
        from arkes_build.ui.shapes import line

        front.print_lines([line(published_shape(published))])
    elif not settings.quiet:
        from arkes_build.ui.published import published_lines

        front.print_lines(["", *published_lines(published, screen_of(sys.stdout))])
    return ExitCode.OK


command = ProjectCommand(
    "publish",
    callback=_publish,
    params=[
        click.Argument(["destination"], metavar="DEST", type=click.Path(path_type=Path)),
        Nodes("nodes", metavar="[NODE...]", required=False),
        click.Option(
            ["--url"],
            metavar="URL",
            help="Where clients find DEST (default: as last time).",
        ),
        click.Option(
            ["--unsigned"],
            is_flag=True,
            help="Publish what is not signed; clients then verify nothing.",
        ),
        click.Option(
            ["--tested"],
            is_flag=True,
            help="Hold back nodes whose newest commit did not pass its test.",
        ),
    ],
    help="""Write a repository that any web server can serve.

    DEST becomes, or is brought up to date as, an OSTree repository with static deltas, a signed
    summary, the public keys, the settings of a remote and a page for people. Only what changed
    is written; clients see the old or the new at any moment. Without NODE, all nodes that
    machines can run are published.""",
    examples=(
        ("arkes-build publish /srv/www/os --url https://example.org/os", "the first time"),
        ("arkes-build publish /srv/www/os", "whatever changed since"),
        ("arkes-build publish /srv/www/os base", "base alone, the others stay as they are"),
        ("arkes-build publish /srv/www/os --tested", "only what was seen to boot"),
        ("arkes-build publish /tmp/try --unsigned", "without keys, to try it"),
    ),
)

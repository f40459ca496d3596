"""`pull`: bring what was published into the store, if it is signed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.cli.settings import Settings


def _pull(
    settings: Settings,
    source: str,
    refs: tuple[str, ...],
    *,
    depth: int | None,
    everything: bool,
    keyring: tuple[Path, ...],
) -> ExitCode:
    from arkes_build.delivery.trust.source import shown
    from arkes_build.pipeline.pulling import ALL, bring
    from arkes_build.ui.trust import pull_shape, pulled_lines

    if everything and depth is not None:
        raise click.UsageError("--depth and --all contradict each other")
    pulled = bring(
        settings.options(),
        source,
        refs,
        depth=ALL if everything else depth,
        keyrings=keyring,
        on_progress=_listener(settings),
        sink=front.notices(settings),
    )
    if settings.as_json:
        front.print_shape(pull_shape(shown(source), pulled))
    elif not settings.quiet:
        front.print_lines(pulled_lines(pulled, screen_of(sys.stdout)))
    return ExitCode.OK


def _listener(settings: Settings) -> Callable[[str], None]:
    """Return who hears how it goes: a terminal, line over line; else nobody."""
    from arkes_build.ui.text import safe

    screen = screen_of(sys.stderr)
    if settings.quiet or settings.as_json or not screen.moves:
        return lambda _text: None

    def say(text: str) -> None:
        screen.stream.write(f"\r\x1b[K{safe(text)}" if text else "\r\x1b[K")
        screen.stream.flush()

    return say


command = ProjectCommand(
    "pull",
    callback=_pull,
    params=[
        click.Argument(["source"], metavar="SOURCE"),
        click.Argument(["refs"], metavar="[REF...]", nargs=-1),
        click.Option(
            ["--depth"],
            type=click.IntRange(min=0),
            metavar="N",
            help="Bring N commits before each too (default: [updates] from-last).",
        ),
        click.Option(["--all", "everything"], is_flag=True, help="Bring the whole history."),
        click.Option(
            ["--keyring"],
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            multiple=True,
            metavar="FILE",
            help="Trust the keys in FILE, and not those of the project.",
        ),
    ],
    help="""Bring published releases into the store, if they are signed.

    SOURCE is the address of a published repository (http://, https://, file://) or a folder.
    A REF is a node or a whole ref; without any, all of this project come. Whatever the
    source, each commit must be signed by a key that the project trusts and made for its ref,
    every object must be what its name says, and over http the summary must be signed; else
    nothing is taken, and the exit code is 20. A new store gets its history this way.""",
    examples=(
        ("arkes-build pull https://example.org/repo", "all of this project"),
        ("arkes-build pull /srv/www/repo base --depth 0", "the newest release of one node"),
        ("arkes-build pull https://example.org/repo --json", "for a program"),
    ),
)

"""`fsck`: is what was committed still whole, and can it be made so."""

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
    from arkes_build.cli.settings import Settings
    from arkes_build.delivery.soundness.damage import Findings


def _fsck(settings: Settings, *, repo: Path | None, repair: bool, donor: str) -> ExitCode:
    from arkes_build.pipeline.whole import look, mend, place
    from arkes_build.ui.soundness import Meter

    if donor and not repair:
        raise click.UsageError("--from goes with --repair")
    options = settings.options()
    where = place(options, repo)
    if where is None:
        return _nothing(settings)
    meter = Meter(screen_of(sys.stderr))
    try:
        if repair:
            findings = mend(options, where, meter, front.notices(settings), donor=donor)
        else:
            findings = look(options, where, meter)
    finally:
        meter.clear()
    _print(settings, findings)
    return ExitCode.STORE if findings.left else ExitCode.OK


def _nothing(settings: Settings) -> ExitCode:
    from arkes_build.delivery.soundness.damage import nothing

    if settings.as_json:
        _print(settings, nothing())
    elif not settings.quiet:
        front.print_lines(["Nothing was built yet, so nothing can be damaged."])
    return ExitCode.OK


def _print(settings: Settings, findings: Findings) -> None:
    from arkes_build.ui.soundness import findings_lines, findings_shape

    if settings.as_json:
        front.print_shape(findings_shape(findings))
    elif findings.left or not settings.quiet:
        screen = screen_of(sys.stdout)
        front.print_lines(findings_lines(findings, screen, verbose=settings.verbose))


command = ProjectCommand(
    "fsck",
    callback=_fsck,
    params=[
        click.Option(
            ["--repo"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Look at this repository instead of the store, such as a published one.",
        ),
        click.Option(
            ["--repair"],
            is_flag=True,
            help="Make whole again what can be: from the engine's layers, from --from, or anew.",
        ),
        click.Option(
            ["--from", "donor"],
            default="",
            metavar="REPO",
            help="Where good objects may be fetched: a folder or address of another repository.",
        ),
    ],
    help="""Look whether everything that was committed is whole.

    Every object is read and held against its checksum, every tree, ref, signature, delta,
    summary and record is looked at. Each damage is named, with the refs and paths that it
    hurts. Nothing is changed without --repair. The exit code is 18 when damage is left.""",
    examples=(
        ("arkes-build fsck", "is the store whole?"),
        ("arkes-build fsck --repair", "repair it from the engine's layers"),
        ("arkes-build fsck --repair --from https://os.example.org/repo", "and from the published"),
        ("arkes-build fsck --repo /srv/www/repo", "is what machines pull from whole?"),
        ("arkes-build fsck --json | jq -r '.damages[].name'", "only the names"),
    ),
)

"""`check`: all mistakes of all files in one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.diagnostics import SourceError
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.core.diagnostics import Diagnostic


def _check(settings: Settings, files: tuple[Path, ...]) -> ExitCode:
    found, code = _findings(settings, files)
    if settings.as_json:
        from arkes_build.ui.shapes import check_shape

        front.print_shape(check_shape(found, code))
        return code
    _print(found, settings, failed=code is not ExitCode.OK)
    return code


def _findings(settings: Settings, files: Sequence[Path]) -> tuple[tuple[Diagnostic, ...], ExitCode]:
    with front.pipeline(settings) as opened:
        try:
            return opened.check(files), ExitCode.OK
        except SourceError as error:
            return error.diagnostics, error.exit_code


def _print(found: Sequence[Diagnostic], settings: Settings, *, failed: bool) -> None:
    from arkes_build.ui.screen import screen_of
    from arkes_build.ui.trouble import counts, diagnostics_lines

    if failed or not settings.quiet:
        front.print_lines(diagnostics_lines(found, screen_of(sys.stdout)))
    if not settings.quiet:
        front.print_lines(["", counts(found)] if found else ["No findings."])


command = ProjectCommand(
    "check",
    callback=_check,
    params=[
        click.Argument(["files"], metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
    ],
    help="""Look for mistakes in the project's files.

    Reads everything, builds nothing, and shows all findings at once, each with its
    place, the line and what to do. FILEs are Systemfiles that stand elsewhere, to be
    looked at as well. The exit code is 0 when there are only warnings, 3 when there are
    errors.""",
    examples=(
        ("arkes-build check", "the whole project"),
        ("arkes-build check ./server/Systemfile", "and the Systemfile of a machine"),
        ("arkes-build check --family debian", "for one family only"),
        ("arkes-build check --json | jq '.diagnostics[].code'", "for an editor or CI"),
    ),
)

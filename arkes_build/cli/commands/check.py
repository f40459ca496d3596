"""`check`: all mistakes of all files in one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.diagnostics import Severity, SourceError
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.core.diagnostics import Diagnostic

FORMATS = ("text", "json", "sarif", "github")
_WEIGHTS = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def _check(
    settings: Settings, files: tuple[Path, ...], form: str | None, error_on: str
) -> ExitCode:
    if form is None:
        form = "json" if settings.as_json else "text"
    elif settings.as_json and form != "json":
        raise click.UsageError(f"--json and --format={form} contradict each other")
    found, code = _findings(settings, files, Severity(error_on))
    _print(found, code, form, settings)
    return code


def _findings(
    settings: Settings, files: Sequence[Path], least: Severity
) -> tuple[tuple[Diagnostic, ...], ExitCode]:
    try:
        with front.pipeline(settings) as opened:
            found = opened.check(files)
    except SourceError as error:
        # arkes.toml is wrong: its findings are written like the others
        return error.diagnostics, error.exit_code
    failed = any(_WEIGHTS[finding.severity] >= _WEIGHTS[least] for finding in found)
    return found, ExitCode.SOURCE if failed else ExitCode.OK


def _print(found: Sequence[Diagnostic], code: ExitCode, form: str, settings: Settings) -> None:
    if form == "json":
        from arkes_build.ui.shapes import check_shape

        front.print_shape(check_shape(found, code))
    elif form == "sarif":
        import json

        from arkes_build.core.resources import rule_page
        from arkes_build.project.rules.catalogue import RULES
        from arkes_build.ui.sarif import sarif

        front.print_lines([json.dumps(sarif(found, RULES, rule_page), indent=2)])
    elif form == "github":
        from arkes_build.ui.github import command

        front.print_lines(command(finding) for finding in found)
    else:
        _print_text(found, settings, failed=code is not ExitCode.OK)


def _print_text(found: Sequence[Diagnostic], settings: Settings, *, failed: bool) -> None:
    from arkes_build.ui.screen import screen_of
    from arkes_build.ui.trouble import check_end, diagnostics_lines

    if failed or not settings.quiet:
        front.print_lines(diagnostics_lines(found, screen_of(sys.stdout)))
    if not settings.quiet:
        front.print_lines(["", *check_end(found)] if found else ["No findings."])


command = ProjectCommand(
    "check",
    callback=_check,
    params=[
        click.Argument(["files"], metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path)),
        click.Option(
            ["--format", "form"],
            type=click.Choice(FORMATS),
            help="How to write the findings (default: text).",
        ),
        click.Option(
            ["--error-on"],
            type=click.Choice([each.value for each in Severity]),
            default=Severity.ERROR.value,
            help="Fail when there is something of this weight or more (default: error).",
        ),
    ],
    help="""Look for mistakes in the project's files.

    Reads everything, builds nothing, and shows all findings at once, each with its
    place, the line and what to do. FILEs are Systemfiles that stand elsewhere, to be
    looked at as well. The exit code is 0 when there are only warnings and notes, 3 when
    there are errors, or what --error-on names.""",
    examples=(
        ("arkes-build check", "the whole project"),
        ("arkes-build check ./server/Systemfile", "and the Systemfile of a machine"),
        ("arkes-build check --family debian", "for one family only"),
        ("arkes-build check --error-on=warning", "fail on warnings too, in CI"),
        ("arkes-build check --format=sarif > check.sarif", "for a code host or an editor"),
        ("arkes-build check --json | jq '.diagnostics[].code'", "for a program"),
    ),
)

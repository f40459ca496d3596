"""`os validate`: the checks that this system brings along."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arkes_build.host.machine import Host
    from arkes_build.host.validation import Check
    from arkes_build.system.command import Settings


def _validate(
    host: Host, settings: Settings, checks: Sequence[str], *, only_list: bool
) -> ExitCode:
    from arkes_build.host import validation

    names = validation.chosen(host, checks)
    if only_list:
        _list(names, settings)
        return ExitCode.OK
    done = validation.validate(host, names, on_check=_printer(settings))
    failed = [check for check in done if check.result is validation.Result.FAILED]
    for check in failed:
        _tell(host, check)
    _end(done, settings, ExitCode.BOOT if failed else ExitCode.OK)
    if failed and not settings.as_json:
        raise validation.ChecksFailed(failed)
    return ExitCode.BOOT if failed else ExitCode.OK


def _list(names: Sequence[str], settings: Settings) -> None:
    from arkes_build.host.validation import unrun
    from arkes_build.system.screens.checks import checks_shape

    if settings.as_json:
        printing.print_shape(checks_shape(unrun(names), ExitCode.OK))
    else:
        printing.print_lines(names)


def _printer(settings: Settings) -> Any:
    from arkes_build.host.validation import Result
    from arkes_build.system.screens.checks import check_lines

    def show(check: Check) -> None:
        is_told = check.result is Result.FAILED or not settings.quiet
        if is_told and not settings.as_json:
            printing.print_lines(check_lines(check, screen_of(sys.stdout)))

    return show


def _end(done: Sequence[Check], settings: Settings, code: ExitCode) -> None:
    from arkes_build.system.screens.checks import checks_shape, end_line

    if settings.as_json:
        printing.print_shape(checks_shape(done, code))
    elif not settings.quiet:
        printing.print_lines([end_line(done)])


def _tell(host: Host, check: Check) -> None:
    from arkes_build.host import journal

    journal.send(
        host,
        journal.Message.VALIDATION_FAILED,
        f"{check.name}: {check.why}",
        priority=journal.Priority.WARNING,
        check=check.name,
        reason=check.why,
    )


def _changes(parameters: Mapping[str, Any]) -> bool:
    """Tell whether root is needed: the checks look where nobody else may."""
    return not parameters["only_list"]


command = HostCommand(
    "validate",
    callback=_validate,
    changes=_changes,
    anywhere=True,
    params=[
        click.Argument(["checks"], metavar="[CHECK]...", nargs=-1),
        click.Option(["--list", "only_list"], is_flag=True, help="Say which checks there are."),
    ],
    help="""Run the checks that this system brings along.

    They are the programs in /usr/lib/system/validate.d, the same that `arkes-build test`
    runs in a virtual machine. They change nothing. Of a check that failed all is shown
    that it said, and then the exit code is 24.""",
    examples=(
        ("sudo os validate", "all of them"),
        ("sudo os validate 20-containers", "one of them"),
        ("os validate --list", "their names"),
    ),
)

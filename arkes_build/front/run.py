"""Run a program's command line, and turn whatever happens into an exit code and a clear word."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.front.group import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.front.group import Program

PIPE_CLOSED = 141
"""What a shell reports of a program that SIGPIPE ended (128 + 13)."""


def run(program: Program, argv: Sequence[str] | None = None) -> int:
    """Run one command of a program and return its exit code; nothing is raised."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if program.variable in os.environ:
        return _complete(program)
    for stream in (sys.stdout, sys.stderr):
        never_refuse(stream)
    try:
        code = _run(program, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return PIPE_CLOSED
    return code


def _run(program: Program, arguments: list[str]) -> int:
    try:
        with Group(program).make_context(program.name, list(arguments)) as ctx:
            return int(ctx.command.invoke(ctx) or ExitCode.OK)
    except click.exceptions.Exit as ended:
        # click before 8.2 takes a call without arguments for one with --help.
        return ended.exit_code if arguments else ExitCode.USAGE
    except BrokenPipeError:
        raise
    except click.UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            click.echo(error.format_message())
            return ExitCode.USAGE
        return _report(_usage(program, error, arguments), as_json="--json" in arguments)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
        return _report(_trouble(program, error, arguments), as_json="--json" in arguments)


def _trouble(program: Program, error: BaseException, arguments: list[str]) -> ArkesError:
    """Return what people are told of an exception; with ``ARKES_DEBUG=1`` a bug is raised."""
    if isinstance(error, ArkesError):
        return error
    if isinstance(error, click.ClickException):
        return _usage(program, error, arguments)
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return Interrupted()
    if not isinstance(error, Exception) or os.environ.get("ARKES_DEBUG", "") not in {"", "0"}:
        raise error
    from arkes_build.front.internal import InternalError

    return InternalError(error, arguments, program=program.name)


class UsageWrong(ArkesError):
    """Report a command line that cannot be understood."""

    exit_code = ExitCode.USAGE


class Interrupted(ArkesError):
    """Report that somebody ended the run."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self) -> None:
        super().__init__(
            "interrupted",
            resolution="what was finished is kept: the next run continues from there",
        )


def _usage(program: Program, error: click.ClickException, arguments: Sequence[str]) -> UsageWrong:
    ctx = getattr(error, "ctx", None)
    # click's parser of options does not say whose they are.
    named = [word for word in arguments[:1] if program.place(word) is not None]
    path = ctx.command_path if ctx is not None else " ".join([program.name, *named])
    brief = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        brief = _no_such_option(error.option_name, ctx)
    return UsageWrong(
        brief[:1].lower() + brief[1:], resolution=f"`{path} --help` shows what it takes"
    )


def _no_such_option(name: str, ctx: click.Context | None) -> str:
    from arkes_build.core.diagnostics import did_you_mean

    parameters = ctx.command.get_params(ctx) if ctx is not None else []
    known = [
        option
        for parameter in parameters
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
    ]
    hint = did_you_mean(name, known)
    return f"no such option {name!r}" + (f"; {hint}" if hint else "")


def _report(error: ArkesError, *, as_json: bool) -> int:
    from arkes_build.front import printing

    if as_json:
        from arkes_build.ui.shapes import error_shape, line

        printing.print_lines([line(error_shape(error))])
    else:
        printing.print_error(error)
    return error.exit_code


def _complete(program: Program) -> int:
    """Answer the shell; on any trouble say nothing, for it would land in the user's line."""
    try:
        from arkes_build.front.completion import answer

        print(answer(program, os.environ))  # noqa: T201 - the shell reads it
    except Exception:  # noqa: BLE001 - see above
        return ExitCode.INTERNAL
    return ExitCode.OK


def never_refuse(stream: TextIO) -> None:
    """Make a stream write what its encoding lacks as an escape instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Point standard output at nothing, or Python complains about it at its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)

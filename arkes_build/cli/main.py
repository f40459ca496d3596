"""Start the command line, and turn whatever happens into an exit code and a clear word."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from arkes_build import __version__
from arkes_build.cli.group import PROGRAM, Group
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPLETE = "_ARKES_BUILD_COMPLETE"
YOUNG_VALUES = 100_000
"""How many values the garbage collector lets be made before it looks for rings among them.

Nearly all values of a run live to its end and make no rings, so that looking after every
700 of them, as is usual, takes a tenth of planning a thousand nodes.
"""
PIPE_CLOSED = 141
"""What a shell reports of a program that SIGPIPE ended (128 + 13)."""


def make_group() -> Group:
    """Return the command line: a group that knows its commands by name only."""
    return Group(
        PROGRAM,
        help="Compile a Systemfile into an operating system image.",
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_print_version,
                help="Print the version.",
            )
        ],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        subcommand_metavar="COMMAND [OPTIONS]",
    )


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        click.echo(f"{PROGRAM} {__version__}")
        ctx.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised."""
    gc.set_threshold(YOUNG_VALUES)
    arguments = list(sys.argv[1:] if argv is None else argv)
    if COMPLETE in os.environ:
        return _complete()
    for stream in (sys.stdout, sys.stderr):
        _never_refuse(stream)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return PIPE_CLOSED
    return code


def _run(arguments: list[str]) -> int:
    try:
        with make_group().make_context(PROGRAM, arguments) as ctx:
            return int(ctx.command.invoke(ctx) or ExitCode.OK)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return ExitCode.USAGE
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
        return _report(_trouble(error, arguments), as_json="--json" in arguments)


def _trouble(error: BaseException, arguments: list[str]) -> ArkesError:
    """Return what people are told of an exception; with ``ARKES_DEBUG=1`` a bug is raised."""
    if isinstance(error, ArkesError):
        return error
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return Interrupted()
    if not isinstance(error, Exception) or os.environ.get("ARKES_DEBUG", "") not in {"", "0"}:
        raise error
    from arkes_build.cli.internal import InternalError

    return InternalError(error, arguments)


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


def _usage(error: click.ClickException) -> UsageWrong:
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else PROGRAM
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
    from arkes_build.cli import front

    if as_json:
        from arkes_build.ui.shapes import error_shape, line

        front.print_lines([line(error_shape(error))])
    else:
        front.print_error(error)
    return error.exit_code


def _complete() -> int:
    """Answer the shell; on any trouble say nothing, for it would land in the user's line."""
    try:
        from arkes_build.cli.commands.completion import answer

        print(answer(make_group(), os.environ))  # noqa: T201 - the shell reads it
    except Exception:  # noqa: BLE001 - see above
        return ExitCode.INTERNAL
    return ExitCode.OK


def _never_refuse(stream: TextIO) -> None:
    """Make a stream write what its encoding lacks as an escape instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Point standard output at nothing, or Python complains about it at its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)

"""Know a program's commands by name and summary, and load one only when it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

import click

from arkes_build import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _no_hint(_word: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program of ours: what it is called, what it is for, and its commands.

    ``commands`` has, under each name, where the command is (``module:attribute`` below the
    package ``package``) and its summary; ``hidden`` has those that no list shows. ``hint``
    gets a word that is no command, and may know better what was meant than a list of names.
    """

    name: str
    help: str
    package: str
    commands: Mapping[str, tuple[str, str]]
    epilogue: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    hint: Callable[[str], str] = _no_hint

    @property
    def variable(self) -> str:
        """Return the environment variable by which a shell asks for suggestions."""
        return f"_{self.name.upper().replace('-', '_')}_COMPLETE"

    def place(self, command: str) -> str | None:
        """Return where a command is; None when there is no such command."""
        if command in self.commands:
            return self.commands[command][0]
        return self.hidden.get(command)


class Group(click.Group):
    """Find commands late: ``--help`` loads none of them."""

    def __init__(self, program: Program) -> None:
        super().__init__(
            program.name,
            help=program.help,
            params=[_version_option(program.name)],
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
            subcommand_metavar="COMMAND [OPTIONS]",
            no_args_is_help=True,
        )
        self.program = program

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order people need them."""
        del ctx
        return list(self.program.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        place = self.program.place(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        found = getattr(import_module(f"{self.program.package}.{module}"), attribute)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of ``args``; an unknown one is a usage error with a suggestion."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            raise click.UsageError(self._unknown(args), ctx=ctx)
        return args[0], command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the summaries alone."""
        del ctx
        rows = [(name, summary) for name, (_, summary) in self.program.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are."""
        del ctx
        formatter.write(f"\n{self.program.epilogue}")

    def _unknown(self, args: Sequence[str]) -> str:
        from arkes_build.core.diagnostics import did_you_mean

        name = args[0]
        hint = self.program.hint(name) or did_you_mean(name, self.program.commands)
        return f"no such command {name!r}" + (f"; {hint}" if hint else "")


def _version_option(name: str) -> click.Option:
    def print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
        if value and not ctx.resilient_parsing:
            click.echo(f"{name} {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=print_version,
        help="Print the version.",
    )

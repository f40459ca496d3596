"""Know the commands by name and summary, and load one only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "arkes-build"

COMMANDS: dict[str, tuple[str, str]] = {
    "all": ("build:everything", "Build every node of the project."),
    "build": ("build:nodes", "Build the named nodes and what they need."),
    "lock": ("lock:command", "Write down what every node is made of."),
    "update": ("update:command", "Move the lock forward, and say what changes."),
    "plan": ("plan:command", "Say what would be built, and why."),
    "graph": ("graph:command", "Draw what stands on what."),
    "render": ("render:command", "Print the Containerfile of a node."),
    "check": ("check:command", "Look for mistakes in the project's files."),
    "fmt": ("fmt:command", "Give files their canonical layout."),
    "explain": ("explain:command", "Say what a rule is about."),
    "parse": ("parse:command", "Print the tree of a Containerfile or Systemfile."),
    "refs": ("refs:command", "List what the OSTree repository holds."),
    "diff": ("diff:command", "Say what changed between two releases, nodes or images."),
    "log": ("log:command", "Tell the releases of a ref, and what each changed."),
    "size": ("size:command", "Say what the bytes of a node are spent on."),
    "fsck": ("fsck:command", "Look whether everything that was committed is whole."),
    "pin": ("pin:command", "Keep a release, whatever retention says."),
    "unpin": ("pin:unpin", "Let retention have a pinned release again."),
    "prune": ("prune:command", "Remove old releases and all that nothing needs."),
    "keys": ("keys:command", "Make and list signing keys, and sign with them."),
    "verify": ("verify:command", "Verify signatures, objects, and what commits say of themselves."),
    "pull": ("pull:command", "Bring published releases into the store, if they are signed."),
    "publish": ("publish:command", "Write a repository that any web server can serve."),
    "sbom": ("sbom:command", "Write the bill of materials of a release."),
    "model": ("model:command", "Print the nodes as the compiler understood them, as JSON."),
    "schema": ("schema:command", "Print the JSON Schema of a document."),
    "lsp": ("lsp:command", "Serve an editor as a language server."),
    "completion": ("completion:command", "Print a completion script for a shell."),
}
"""Name → where the command is (``module:attribute`` under ``cli.commands``), and its summary."""

EPILOGUE = """\
Examples:
  arkes-build all                     build everything that changed
  arkes-build plan                    what would be built, and why
  arkes-build build base              one node and what it needs
  arkes-build diff base               what the last release of base changed
  arkes-build publish DIR             a repository for a web server

Environment:
  NO_COLOR        no colours
  COLUMNS         width of tables
  CONTAINER_HOST  the podman service to use
  ARKES_KEYS      the folder of the secret signing keys
  ARKES_DEBUG=1   print the traceback of an internal error
"""


class Group(click.Group):
    """Find commands late: ``--help`` loads none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order people need them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(f"arkes_build.cli.commands.{module}"), attribute)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of ``args``; an unknown one is a usage error with a suggestion."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            raise click.UsageError(_unknown(args), ctx=ctx)
        return args[0], command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the summaries alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are."""
        del ctx
        formatter.write(f"\n{EPILOGUE}")


def _unknown(args: Sequence[str]) -> str:
    from arkes_build.cli.places import known_nodes
    from arkes_build.core.diagnostics import did_you_mean

    name = args[0]
    if name in known_nodes(None):
        return f"no such command {name!r}; to build that node: {PROGRAM} build {name}"
    hint = did_you_mean(name, COMMANDS)
    return f"no such command {name!r}" + (f"; {hint}" if hint else "")

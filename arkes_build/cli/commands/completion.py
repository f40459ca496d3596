"""`completion`: the script that teaches a shell our commands, options and node names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import ShellComplete, get_completion_class

from arkes_build.cli import front
from arkes_build.cli.group import PROGRAM, Group
from arkes_build.cli.settings import Command
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "_ARKES_BUILD_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


def _completion(shell: str) -> ExitCode:
    front.print_lines([script(shell)])
    return ExitCode.OK


def script(shell: str) -> str:
    """Return the script for a shell.

    The base class is asked on purpose: click's own for bash starts bash to find out
    its version, which says nothing about the shell that will read the script.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell!r}")
    return ShellComplete.source(found(Group(PROGRAM), {}, PROGRAM, VARIABLE)).rstrip("\n")


def answer(group: Group, environ: Mapping[str, str]) -> str:
    """Return the suggestions for what stands on the shell's line (``COMP_WORDS``)."""
    shell, _, instruction = environ[VARIABLE].partition("_")
    found = get_completion_class(shell)
    if found is None:
        return ""
    complete = found(group, {}, PROGRAM, VARIABLE)
    return complete.complete() if instruction == "complete" else script(shell)


command = Command(
    "completion",
    callback=_completion,
    params=[click.Argument(["shell"], type=click.Choice(SHELLS), metavar="bash|zsh|fish")],
    help="""Print a completion script for a shell.

    It completes commands, options and the names of the project's nodes.""",
    examples=(
        ('eval "$(arkes-build completion bash)"', "in ~/.bashrc"),
        ('eval "$(arkes-build completion zsh)"', "in ~/.zshrc, after compinit"),
        ("arkes-build completion fish | source", "in ~/.config/fish/config.fish"),
    ),
)

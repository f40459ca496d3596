"""`completion`: the script that teaches a shell our commands, options and node names."""

from __future__ import annotations

import click

from arkes_build.cli import front
from arkes_build.cli.group import PROGRAM
from arkes_build.core.errors import ExitCode
from arkes_build.front.command import Command
from arkes_build.front.completion import SHELLS, script


def _completion(shell: str) -> ExitCode:
    front.print_lines([script(PROGRAM, shell)])
    return ExitCode.OK


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

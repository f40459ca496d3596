"""Teach a shell what may come next on its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import ShellComplete, get_completion_class

from arkes_build.front.group import Group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.front.group import Program

SHELLS = ("bash", "zsh", "fish")


def script(program: Program, shell: str) -> str:
    """Return the script for a shell.

    The base class is asked on purpose: click's own for bash starts bash to find out
    its version, which says nothing about the shell that will read the script.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell!r}")
    teacher = found(Group(program), {}, program.name, program.variable)
    return ShellComplete.source(teacher).rstrip("\n")


def answer(program: Program, environ: Mapping[str, str]) -> str:
    """Return the suggestions for what stands on the shell's line (``COMP_WORDS``)."""
    shell, _, instruction = environ[program.variable].partition("_")
    found = get_completion_class(shell)
    if found is None:
        return ""
    complete = found(Group(program), {}, program.name, program.variable)
    return complete.complete() if instruction == "complete" else script(program, shell)

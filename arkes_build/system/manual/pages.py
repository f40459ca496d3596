"""Write a manual page for a program and one for each of its commands."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

import click

from arkes_build import __version__
from arkes_build.core.errors import ExitCode
from arkes_build.front.command import Command
from arkes_build.front.group import Group
from arkes_build.system.manual import roff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arkes_build.front.group import Program

SECTION = 1
ENDS: Mapping[ExitCode, str] = {
    ExitCode.OK: "What was asked for is there.",
    ExitCode.INTERNAL: "A defect of Arkēs itself; the message names a file with what is known.",
    ExitCode.USAGE: "The command line has an option, a command or a ref that does not exist.",
    ExitCode.SOURCE: "The Systemfile, or another file, says something wrong.",
    ExitCode.TOOL_MISSING: "A program of this machine is not installed.",
    ExitCode.BUILD_STEP: "A step of the Systemfile failed.",
    ExitCode.NETWORK: "A server could not be reached.",
    ExitCode.DISK_FULL: "A file system has no room left; nothing is half-written.",
    ExitCode.STORE: "The repository, or the list of deployments, is damaged.",
    ExitCode.STORE_BUSY: "Another command is changing this machine.",
    ExitCode.SIGNATURE: "Something is not signed, or not by a key that is trusted here.",
    ExitCode.BOOT: "A check of the system failed.",
    ExitCode.SYSTEM: "This is no deployed system, or it has no such deployment.",
    ExitCode.DENIED: "Only root may do this.",
    ExitCode.FALLEN: "The release fell back on this machine, and is not taken again unasked.",
    ExitCode.INTERRUPTED: "Somebody ended it.",
}
"""How commands of `os` end; ``docs/errors.md`` has all codes of both programs."""

FILES: Mapping[str, str] = {
    "/etc/system/Systemfile": "What this machine adds to the system it follows; it may be missing.",
    "/etc/ostree/trusted.gpg.d/": "Keyrings that are trusted beside those of the image.",
    "/var/lib/arkes/updates.jsonl": "What was done to this machine, a line each.",
    "/var/lib/arkes/fallen/": "Releases that did not come up here, and why.",
    "/usr/lib/system/validate.d/": "What `os validate` runs.",
}


def pages(program: Program) -> Iterator[tuple[str, str]]:
    """Return the name of each page's file and its text."""
    yield f"{program.name}.{SECTION}", program_page(program)
    group = Group(program)
    outer = click.Context(group, info_name=program.name)
    for name in program.commands:
        command = group.get_command(outer, name)
        if isinstance(command, Command):
            yield f"{program.name}-{name}.{SECTION}", command_page(program, command, outer)


def program_page(program: Program) -> str:
    """Return the page of a program: its commands, and what holds for all of them."""
    rows = [
        (f"{roff.bold(f'{program.name}-{name}')}({SECTION})", summary)
        for name, (_, summary) in program.commands.items()
    ]
    usage = f"{roff.bold(program.name)} {roff.slanted('COMMAND')} [{roff.slanted('OPTION')}...]"
    lines = [
        *_head(program.name),
        *_name(program.name, program.help),
        *roff.section("SYNOPSIS", [usage]),
        *roff.section("COMMANDS", roff.listed(rows)),
        *_ends(program),
        *roff.section(
            "FILES", roff.listed((roff.slanted(path), told) for path, told in FILES.items())
        ),
    ]
    return "\n".join(lines) + "\n"


def command_page(program: Program, command: Command, outer: click.Context) -> str:
    """Return the page of one command."""
    name = command.name or ""
    summary, *told = cleandoc(command.help or "").split("\n\n")
    usage = " ".join(command.collect_usage_pieces(click.Context(command, parent=outer)))
    full = f"{program.name}-{name}"
    lines = [
        *_head(full),
        *_name(full, summary),
        *roff.section("SYNOPSIS", [f"{roff.bold(f'{program.name} {name}')} {roff.plain(usage)}"]),
        *roff.section("DESCRIPTION", roff.paragraphs([summary, *told])),
        *roff.section("OPTIONS", roff.listed(_options(command))),
        *roff.section("EXAMPLES", roff.shown(command.examples)),
        *roff.section("SEE ALSO", [f"{roff.bold(program.name)}({SECTION})"]),
    ]
    return "\n".join(lines) + "\n"


def _head(name: str) -> list[str]:
    return roff.head(name, section=SECTION, source=f"Arkēs {__version__}", manual="Arkēs")


def _name(name: str, summary: str) -> list[str]:
    brief = " ".join(summary.split()).rstrip(".")
    return roff.section("NAME", [f"{roff.plain(name)} \\- {roff.plain(_lowered(brief))}"])


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _options(command: Command) -> Iterator[tuple[str, str]]:
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            names = [*option.opts, *option.secondary_opts]
            value = _value(option)
            shown = ", ".join(roff.bold(name) for name in names)
            yield f"{shown} {roff.slanted(value)}" if value else shown, option.help or ""
    yield roff.bold("-h, --help"), "Show the help and end."


def _value(option: click.Option) -> str:
    if option.is_flag or option.count:
        return ""
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    return option.type.name.upper()


def _ends(program: Program) -> list[str]:
    if program.name != "os":
        return []
    rows = [(roff.bold(str(int(code))), told) for code, told in ENDS.items()]
    return roff.section("EXIT STATUS", roff.listed(rows))

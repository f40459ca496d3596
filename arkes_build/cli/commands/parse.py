"""`parse`: the tree of one file, split as the reference splits it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.diagnostics import Severity, SourceError
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Systemfile
    from arkes_build.language.reference import Reading

STANDARD_INPUT = "-"
REFUSED = frozenset(
    {"heredoc-unclosed", "too-many-heredocs", "directive-duplicate", "directive-escape"}
)
"""Findings about the cut into lines: what comes out is not to be relied on."""


class FileUnreadable(ArkesError):
    """Report that the file to parse cannot be read."""

    exit_code = ExitCode.SOURCE

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(
            f"cannot read {path}: {error.strerror or error}",
            resolution="check that it exists and that you may read it",
        )


def _parse(settings: Settings, file: str) -> ExitCode:
    from arkes_build.language import reference
    from arkes_build.language.decode import decode
    from arkes_build.language.parser import attempt

    source = decode(file, _read(file))
    tree, found = attempt(source)
    readings = reference.read(source)
    if not readings or any(each.split.is_refused for each in readings):
        raise SourceError(found)
    if any(finding.code in REFUSED for finding in found):
        raise SourceError(found)
    failed = any(finding.severity is Severity.ERROR for finding in found)
    code = ExitCode.SOURCE if failed else ExitCode.OK
    _print(settings, tree, readings, found, code)
    return code


def _read(file: str) -> bytes:
    """Return a file's bytes, of one that is too large only so many that this shows."""
    from arkes_build.language.decode import MOST_BYTES

    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileUnreadable(file, error) from error


def _print(
    settings: Settings,
    tree: Systemfile,
    readings: Sequence[Reading],
    found: Sequence[Diagnostic],
    code: ExitCode,
) -> None:
    from arkes_build.ui.screen import screen_of
    from arkes_build.ui.syntax import parse_lines, parse_shape

    if settings.as_json:
        front.print_shape(parse_shape(tree, readings, found, code))
        return
    if not settings.quiet:
        front.print_lines(parse_lines(tree, readings, screen_of(sys.stdout)))
    shown = [f for f in found if f.severity is Severity.ERROR] if settings.quiet else found
    if shown:
        from arkes_build.ui.trouble import diagnostics_lines

        for line in diagnostics_lines(shown, screen_of(sys.stderr)):
            sys.stderr.write(f"{line}\n")


command = ProjectCommand(
    "parse",
    callback=_parse,
    params=[click.Argument(["file"], metavar="FILE")],
    help="""Print the tree of a Containerfile or Systemfile.

    Each instruction with its flags, arguments and here-documents, split as BuildKit's
    parser splits them. No project is needed; FILE is `-` for standard input. A file
    whose instructions can be told apart is printed whatever else is wrong with it: the
    findings follow, and the exit code is 3 when there are errors.""",
    examples=(
        ("arkes-build parse Containerfile", "a tree with the places"),
        ("arkes-build parse - < Containerfile", "from standard input"),
        ("arkes-build parse Containerfile --json | jq '.instructions[].name'", "for a program"),
    ),
)

"""`os edit`: this machine's Systemfile, checked before it is saved."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.host.editing import Edited
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _edit(host: Host, settings: Settings, *, source: IO[bytes] | None) -> ExitCode:
    from arkes_build.host import editing

    if source is not None:
        edited = editing.put(host, source.read(editing.LARGEST + 1))
    else:
        argv = editing.editor_of(os.environ)
        edited = editing.edit(host, lambda path: editing.start_editor(argv, path), _ask)
    if settings.as_json:
        printing.print_shape(_shape(edited))
    elif not settings.quiet:
        printing.print_lines(_lines(edited))
    return ExitCode.OK


def _ask(findings: Sequence[Diagnostic]) -> bool:
    """Show what is wrong, and ask whether to open the draft again."""
    from arkes_build.ui.trouble import counts, diagnostics_lines

    lines = [*diagnostics_lines(findings, screen_of(sys.stderr)), "", counts(findings)]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    if not sys.stdin.isatty():
        return False
    return click.confirm("Open it again?", default=True, err=True)


def _lines(edited: Edited) -> list[str]:
    from arkes_build.ui.text import safe
    from arkes_build.ui.trouble import diagnostics_lines

    if not edited.is_changed:
        return [f"Nothing changed in {safe(str(edited.path))}."]
    remarks = diagnostics_lines(edited.findings, screen_of(sys.stdout))
    return [
        *([*remarks, ""] if remarks else []),
        f"Saved {safe(str(edited.path))}.",
        "`sudo os build` tries it now; `sudo os upgrade` brings it to the next boot.",
    ]


def _shape(edited: Edited) -> dict[str, object]:
    from arkes_build.ui.shapes import SCHEMA, diagnostic_shape

    return {
        "schema": SCHEMA,
        "type": "machine-file",
        "path": str(edited.path),
        "changed": edited.is_changed,
        "findings": [diagnostic_shape(each) for each in edited.findings],
    }


command = HostCommand(
    "edit",
    callback=_edit,
    changes=True,
    params=[
        click.Option(
            ["--from", "source"],
            type=click.File("rb"),
            metavar="FILE",
            help="Save that file instead of starting an editor; - is standard input.",
        )
    ],
    help="""Edit this machine's Systemfile, checked before it is saved.

    /etc/system/Systemfile says what this machine adds to the release that it follows. A
    draft of it (a new one has comments that help) is opened with $VISUAL or $EDITOR. What
    is wrong in it is shown, and it can be opened again; only what the compiler takes is
    saved. Nothing is built: `os build` and `os upgrade` do that.""",
    examples=(
        ("sudo os edit", "in the editor of the system"),
        ("sudo EDITOR=vi os edit", "in another one"),
        ("sudo os edit --from Systemfile", "for a script"),
    ),
)

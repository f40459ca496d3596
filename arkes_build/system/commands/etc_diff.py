"""`os etc-diff`: say what is different in /etc from what was delivered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from arkes_build.host.etc.drift import Drifts
    from arkes_build.host.etc.texts import TextDiff
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _etc_diff(
    host: Host, settings: Settings, *, paths: tuple[str, ...], with_text: bool
) -> ExitCode:
    from arkes_build.host.etc.drift import drift, must_be_known, only
    from arkes_build.host.updates.looking import current

    deployment = current(host.sysroot())
    tree = deployment.path
    must_be_known(tree / "usr/etc", tree / "etc", paths)
    found = drift(tree / "usr/etc", tree / "etc")
    if paths:
        found = only(found, paths)
    texts = _texts(tree, found) if with_text else None
    from arkes_build.system.updates.etc_text import drift_lines, drift_shape

    if settings.as_json:
        printing.print_shape(drift_shape(found, texts, deployment.checksum))
    elif not settings.quiet:
        from arkes_build.ui.screen import screen_of

        printing.print_lines(
            drift_lines(found, texts or {}, screen_of(sys.stdout), where=", ".join(paths))
        )
    return ExitCode.OK


def _texts(tree: Path, found: Drifts) -> Mapping[str, TextDiff]:
    from arkes_build.host.etc.texts import text_diff

    return {
        one.path: text_diff(tree / "usr/etc", tree / "etc", one.path)
        for one in found.found
        if not one.is_folder
    }


command = HostCommand(
    "etc-diff",
    callback=_etc_diff,
    params=[
        click.Argument(["paths"], metavar="[PATH...]", nargs=-1),
        click.Option(
            ["--diff", "with_text"],
            is_flag=True,
            help="Show the lines that differ, except of what may hold a secret.",
        ),
    ],
    help="""Say what is different in /etc from what this system was delivered with.

    New, removed and changed paths; of changed ones whether the content, the kind, the mode,
    the owner or attributes are others. An upgrade takes these along, except the mode and owner
    of a directory and attributes alone: those are marked. With PATH only what is below it.
    Files that not everybody may read, and those with a key or password in them, are named
    and never shown.""",
    examples=(
        ("os etc-diff", "what was changed on this machine"),
        ("sudo os etc-diff --diff /etc/ssh", "the lines that differ below /etc/ssh"),
        ("os etc-diff --json", "for a program"),
    ),
)

"""`refs`: what the OSTree repository of the store holds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _refs(settings: Settings) -> ExitCode:
    with front.pipeline(settings) as opened:
        refs = opened.refs()
    if settings.as_json:
        from arkes_build.ui.shapes import refs_shape

        front.print_shape(refs_shape(refs))
    elif not settings.quiet:
        from arkes_build.ui.screen import screen_of
        from arkes_build.ui.tables import refs_lines

        if refs:
            front.print_lines(refs_lines(refs, screen_of(sys.stdout)))
        else:
            front.print_lines(["No refs yet: `arkes-build all` makes them."])
    return ExitCode.OK


command = ProjectCommand(
    "refs",
    callback=_refs,
    help="""List what the OSTree repository holds.

    For each node that was committed: its ref, commit, version, the date of the commit, how
    many packages it has, its kernel, and the key of the inputs it was made from.""",
    examples=(
        ("arkes-build refs", "all refs of the store"),
        ("arkes-build refs --store /srv/arkes", "of another store"),
        ("arkes-build refs --json | jq -r '.refs[].ref'", "only the names"),
    ),
)

"""`verify`: are commits signed, whole, and what they say they are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings


def _verify(settings: Settings, refs: tuple[str, ...], *, unsigned: bool) -> ExitCode:
    if settings.rebuild:
        from arkes_build.cli.rebuilding import rebuild

        return rebuild(settings, refs)
    from arkes_build.pipeline.verify import verify
    from arkes_build.ui.soundness import Meter
    from arkes_build.ui.trust import verify_lines, verify_shape

    meter = Meter(screen_of(sys.stderr))
    try:
        found = verify(settings.options(), refs, unsigned=unsigned, progress=meter)
    finally:
        meter.clear()
    is_good = all(verdict.is_good for verdict in found)
    code = ExitCode.OK if is_good else ExitCode.SIGNATURE
    if settings.as_json:
        front.print_shape(verify_shape(found, code))
    elif not found:
        front.print_lines(["Nothing was built yet, so there is nothing to verify."])
    elif not (settings.quiet and is_good):
        screen = screen_of(sys.stdout)
        front.print_lines(verify_lines(found, screen, verbose=settings.verbose))
    return code


command = ProjectCommand(
    "verify",
    callback=_verify,
    rebuilds=True,
    params=[
        click.Argument(["refs"], metavar="[REF...]", nargs=-1),
        click.Option(
            ["--unsigned"], is_flag=True, help="Take commits that nobody signed; verify the rest."
        ),
    ],
    help="""Verify signatures, objects, and what commits say of themselves.

    A REF is a node, a ref, a commit, or base^ for the release before; without any, the newest
    commit of every node is verified: its signatures by the keys that the project trusts,
    the content of all its objects, that its key is the digest of the inputs it names, that
    os-release, packages and kernel in its tree are those it names, and that the record of
    its build agrees. The exit code is 20 when something is wrong.

    With --rebuild, a REF is a node: it and all it needs are built once more, without any
    cache and apart from the store, and held against what is recorded. What differs is named
    down to the line of a file. The exit code is 23 when something does.""",
    examples=(
        ("arkes-build verify", "the newest commit of every node"),
        ("arkes-build verify base base^", "one node, and its release before"),
        ("arkes-build verify --rebuild base", "does the same come out again?"),
        ("arkes-build verify --json | jq '.commits[].troubles'", "only what is wrong"),
    ),
)

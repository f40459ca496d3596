"""`test`: boot nodes in machines and look whether they are well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import Nodes, ProjectCommand
from arkes_build.core.errors import ExitCode
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.pipeline.trials import NodeTest

VERDICT_SECONDS = 600


def _test(  # noqa: PLR0913 - one argument for each option
    settings: Settings,
    *,
    nodes: tuple[str, ...],
    everything: bool,
    only: tuple[str, ...],
    again: bool,
    fresh: bool,
    upgrade_from: str | None,
    verdict_timeout: int,
    junit: Path | None,
) -> ExitCode:
    from datetime import UTC, datetime

    from arkes_build.pipeline.trials import trials
    from arkes_build.pipeline.trying import Request

    _must_be_clear(settings, nodes, everything=everything)
    request = Request(
        nodes=nodes,
        only=only,
        is_again=again,
        is_fresh=fresh,
        verdict_seconds=float(verdict_timeout),
        upgrade_from=upgrade_from or "",
        today=datetime.now(UTC).date(),
    )
    if junit is not None:
        # Before the first boot: where nothing can be written is said at once, and a run that
        # comes to no end leaves no older run's results.
        _write(junit, ())
    with front.orderly(), front.listener(settings, screen_of(sys.stdout)) as sink:
        tested = trials(settings.options(), request, sink)
    if junit is not None:
        _write(junit, tested)
    return _show(settings, tested)


def _must_be_clear(settings: Settings, nodes: Sequence[str], *, everything: bool) -> None:
    if settings.dry_run:
        raise click.UsageError("test has no dry run: it changes nothing but its own records")
    if everything == bool(nodes):
        raise click.UsageError("name the nodes to test, or say --all")


def _show(settings: Settings, tested: Sequence[NodeTest]) -> ExitCode:
    code = ExitCode.BOOT if any(one.has_failed for one in tested) else ExitCode.OK
    if settings.as_json:
        from arkes_build.ui.shapes import line
        from arkes_build.ui.tested import trial_shape

        front.print_lines([line(trial_shape(tested, code))])
        return code
    if not settings.quiet:
        from arkes_build.ui.tested import trial_lines

        screen = screen_of(sys.stdout)
        front.print_lines(["", *trial_lines(tested, screen, verbose=settings.verbose)])
    for one in tested:
        if one.report is not None and one.has_failed:
            from arkes_build.trial.errors import BootTestFailed

            sys.stderr.write("\n")
            front.print_error(BootTestFailed(one.report))
    return code


def _write(path: Path, tested: Sequence[NodeTest]) -> None:
    from arkes_build.core.atomic import write_atomically
    from arkes_build.project.errors import Unwritable
    from arkes_build.trial.junit import junit

    reports = [one.report for one in tested if one.report is not None]
    idle = [(one.node, one.why_not or "passed before") for one in tested if one.report is None]
    try:
        write_atomically(path, junit(reports, idle))
    except OSError as error:
        raise Unwritable(str(path), why=(error.strerror or "unknown").lower()) from error


command = ProjectCommand(
    "test",
    callback=_test,
    params=[
        Nodes("nodes", metavar="[NODE...]", required=False),
        click.Option(["--all", "everything"], is_flag=True, help="Test every node that was built."),
        click.Option(
            ["--only"],
            metavar="PATTERN",
            multiple=True,
            help="Run only these checks, and record nothing (may be repeated).",
        ),
        click.Option(
            ["--again"], is_flag=True, help="Test also what passed at the same commit before."
        ),
        click.Option(
            ["--fresh"],
            is_flag=True,
            help="Boot anew, and not on from where an earlier boot was up.",
        ),
        click.Option(
            ["--upgrade-from"],
            metavar="REF",
            help="Boot an older commit, upgrade to the newest, test, revert, test.",
        ),
        click.Option(
            ["--verdict-timeout"],
            type=click.IntRange(min=1, max=3600),
            default=VERDICT_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="How long a boot may take.",
        ),
        click.Option(
            ["--junit"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write the results as JUnit's XML too.",
        ),
    ],
    help="""Boot nodes in machines and look whether they are well.

    The newest commit of each NODE becomes a disk, the disk is booted in QEMU, and the system
    has to say that it is up and whole. Then the checks that it ships (validate.d) and those of
    the project (tests/boot) run in it. What stands on a node that failed is not booted. How a
    commit did is remembered for publish --tested.""",
    examples=(
        ("arkes-build test base", "the newest commit of base"),
        ("arkes-build test base --only 'var.py*'", "some checks, in seconds when it was booted"),
        ("arkes-build test base --upgrade-from base^", "from the release before, and back"),
        ("arkes-build test --all --junit boot.xml", "everything, for a CI service"),
    ),
)

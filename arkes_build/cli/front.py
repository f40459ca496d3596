"""Stand between a command and the pipeline: open it, listen to it, show what it returns."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core.errors import ExitCode
from arkes_build.front.ending import orderly
from arkes_build.front.printing import print_error, print_lines, print_shape
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from arkes_build.cli.settings import Settings
    from arkes_build.core.events import Event, Sink
    from arkes_build.pipeline.options import Options
    from arkes_build.pipeline.pipeline import Pipeline
    from arkes_build.pipeline.report import Report
    from arkes_build.ui.screen import Screen


__all__ = [
    "end_of",
    "listener",
    "make_pipeline",
    "notices",
    "orderly",
    "pipeline",
    "print_error",
    "print_lines",
    "print_shape",
    "run",
    "show_plan",
]


def make_pipeline(options: Options, sink: Sink) -> Pipeline:
    """Return a pipeline; the tests put a fake in the place of this function."""
    from arkes_build.pipeline.pipeline import Pipeline

    return Pipeline(options, sink)


@contextmanager
def pipeline(settings: Settings, sink: Sink | None = None) -> Iterator[Pipeline]:
    """Open a pipeline for a command, and close it whatever happens."""
    opened = make_pipeline(settings.options(), sink or notices(settings))
    with orderly():
        try:
            yield opened
        finally:
            opened.close()


def notices(settings: Settings) -> Sink:
    """Return a listener for commands that only look: notices go to standard error."""
    from arkes_build.core.events import Notice, silent
    from arkes_build.ui.text import safe

    if settings.quiet or settings.as_json:
        return silent
    screen = screen_of(sys.stderr)

    def say(event: Event) -> None:
        if isinstance(event, Notice):
            screen.line(f"note: {safe(event.message)}")

    return say


def listener(settings: Settings, screen: Screen) -> AbstractContextManager[Sink]:
    """Return who listens to a build: a program, a log, a person, or nobody."""
    if settings.as_json:
        from arkes_build.ui.jsonlines import JsonLines

        return JsonLines(screen.stream)
    if settings.quiet:
        return _nobody()
    if screen.moves:
        from arkes_build.ui.live import LiveView

        return LiveView(screen, verbose=settings.verbose)
    from arkes_build.ui.plain import Plain

    return Plain(screen, verbose=settings.verbose)


@contextmanager
def _nobody() -> Iterator[Sink]:
    from arkes_build.core.events import silent

    yield silent


def end_of(report: Report) -> ExitCode:
    """Return the exit code of a run: that of the first error, in the order of the plan."""
    return report.errors[0].exit_code if report.errors else ExitCode.OK


def run(settings: Settings, targets: Sequence[str]) -> ExitCode:
    """Build, show how it goes and how it ended, and return the exit code."""
    with (
        listener(settings, screen_of(sys.stdout)) as sink,
        pipeline(settings, sink) as opened,
    ):
        report = opened.build(targets)
    return show_end(settings, report)


def show_end(settings: Settings, report: Report) -> ExitCode:
    """Show how a run ended, and return its exit code."""
    code = end_of(report)
    if settings.as_json:
        from arkes_build.ui.shapes import line, report_shape

        print_lines([line(report_shape(report, code))])
        return code
    for error in report.errors:
        sys.stderr.write("\n")
        print_error(error)
    if not settings.quiet:
        _print_end(report, settings)
    return code


def _print_end(report: Report, settings: Settings) -> None:
    from arkes_build.ui.tables import nothing_to_do, report_lines

    lines = report_lines(report, screen_of(sys.stdout), verbose=settings.verbose)
    headline = nothing_to_do(report)
    print_lines([headline, "", *lines] if headline else ["", *lines])


def show_plan(settings: Settings, targets: Sequence[str]) -> ExitCode:
    """Print the plan."""
    with pipeline(settings) as opened:
        plan = opened.plan(targets)
    if settings.as_json:
        from arkes_build.ui.shapes import plan_shape

        print_shape(plan_shape(plan))
    elif not settings.quiet:
        from arkes_build.ui.tables import plan_lines

        print_lines(plan_lines(plan, screen_of(sys.stdout), verbose=settings.verbose))
    return ExitCode.OK

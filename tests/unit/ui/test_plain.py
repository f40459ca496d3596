"""A log gets one plain line an event."""

import io

from arkes_build.core.events import (
    NodeFinished,
    NodeStarted,
    Notice,
    Outcome,
    OutputLine,
    RunPlanned,
    StepStarted,
)
from arkes_build.ui.plain import Plain

EVENTS = (
    Notice(message="podman 4.3.1, isolation chroot"),
    RunPlanned(nodes=("base", "atomic")),
    NodeStarted(node="base", reason="RUN changed (variants/base.Containerfile:12)"),
    StepStarted(node="base", index=1, total=2, text="RUN --mount=type=cache,target=/c make"),
    OutputLine(node="base", text="\x1b[32mok\x1b[0m"),
    StepStarted(node="base", index=2, total=0, text="LABEL   a=1 \\\n " + "b=2 " * 40),
    StepStarted(node="base", index=0, total=0, text="commit arkes/x86_64/base"),
    NodeFinished(
        node="base",
        outcome=Outcome.BUILT,
        seconds=75.2,
        size=734003200,
        ref="arkes/x86_64/base",
        commit="0123456789abcdef" * 4,
        message="RUN changed",
    ),
    NodeStarted(node="atomic", reason=""),
    NodeFinished(
        node="atomic", outcome=Outcome.FAILED, seconds=1.0, message="atomic: no package\x07"
    ),
    NodeFinished(
        node="atomic-slim", outcome=Outcome.REUSED, seconds=0.0, message="nothing changed"
    ),
)


def printed(screen, *, verbose):
    shown = screen()
    with Plain(shown, verbose=verbose) as listener:
        for event in EVENTS:
            listener(event)
    return shown.stream.getvalue().splitlines()


def test_lines(screen, golden):
    golden("plain.txt", printed(screen, verbose=False))


def test_verbose_adds_what_programs_print(screen, golden):
    golden("plain-verbose.txt", printed(screen, verbose=True))


def test_a_reader_that_goes_away_does_not_end_the_run(screen):
    class Closed(io.StringIO):
        writes = 0

        def write(self, text):
            self.writes += 1
            raise BrokenPipeError

    shown = screen()
    object.__setattr__(shown, "stream", Closed())
    listener = Plain(shown)
    listener(EVENTS[0])
    listener(EVENTS[0])
    assert shown.stream.writes == 1

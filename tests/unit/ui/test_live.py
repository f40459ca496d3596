"""The live view, drawn on a recorded console with a clock that stands still."""

import io
import threading

import pytest
from rich.console import Console

from arkes_build.core.events import (
    NodeFinished,
    NodeStarted,
    Notice,
    Outcome,
    OutputLine,
    RunPlanned,
    StepStarted,
)
from arkes_build.ui.live import LiveView


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Stage:
    """A view, its console and its clock."""

    def __init__(self, screen, columns, *, lines=24, encoding="utf-8", verbose=False):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
        self.console = Console(
            file=stream,
            width=columns,
            height=lines,
            force_terminal=True,
            record=True,
            highlight=False,
            color_system=None,
            _environ={},
        )
        self.clock = Clock()
        self.view = LiveView(screen(), clock=self.clock, console=self.console, verbose=verbose)

    def play(self, *events):
        for event in events:
            self.view(event)

    def moving(self):
        """Return the lines of the moving part."""
        with self.console.capture() as captured:
            self.console.print(self.view.draw())
        return [line.rstrip() for line in captured.get().splitlines()]

    def scrolled(self):
        return self.console.export_text().splitlines()


@pytest.fixture
def stage(screen):
    def make(columns=80, **rest):
        return Stage(screen, columns, **rest)

    return make


RUNNING = (
    RunPlanned(nodes=("rootfs", "base", "atomic", "base-slim")),
    NodeFinished(node="rootfs", outcome=Outcome.REUSED, seconds=0.0),
    NodeStarted(node="base", reason="RUN changed (variants/base.Containerfile:12)"),
    NodeStarted(node="base-slim", reason="base came out different"),
    StepStarted(
        node="base",
        index=3,
        total=12,
        text="RUN /usr/lib/system/package_layer network-manager podman ostree dracut systemd",
    ),
    OutputLine(node="base", text="Get:1 http://example.org bookworm/main \x1b[1mlibfoo\x1b[0m"),
)


@pytest.mark.parametrize("columns", [80, 120])
def test_what_runs(stage, golden, columns):
    on = stage(columns)
    on.play(*RUNNING)
    on.clock.now += 75.5
    lines = on.moving()
    golden(f"live-{columns}.txt", lines)
    assert max(map(len, lines)) <= columns


def test_a_console_without_unicode_gets_plain_marks(stage, golden):
    on = stage(80, encoding="ascii")
    on.play(*RUNNING)
    golden("live-ascii.txt", on.moving())
    assert all(line.isascii() for line in on.moving())


def test_before_the_plan_is_made(stage):
    on = stage()
    on.clock.now += 2
    assert on.moving() == ["preparing, 2.0s"]


def test_a_low_window_has_no_room_for_output(stage):
    on = stage(lines=4)
    on.play(*RUNNING)
    assert len(on.moving()) == 3


def test_a_new_step_forgets_the_output_of_the_last(stage):
    on = stage()
    on.play(*RUNNING, StepStarted(node="base", index=4, total=12, text="COPY a /"))
    assert len(on.moving()) == 3


def test_what_ended_and_what_is_to_be_known_scrolls_away(stage):
    on = stage()
    on.play(
        Notice(message="podman 4.3.1"),
        *RUNNING,
        NodeFinished(
            node="base",
            outcome=Outcome.BUILT,
            seconds=75.0,
            size=734003200,
            ref="arkes/x86_64/base",
            commit="0123456789abcdef" * 4,
        ),
        NodeFinished(node="base-slim", outcome=Outcome.FAILED, seconds=3.0, message="[bold]no"),
    )
    assert on.scrolled() == [
        "podman 4.3.1",
        "rootfs: reused",
        "base: built in 1m 15s, 700 MiB, arkes/x86_64/base 0123456789ab",
        "base-slim: failed in 3.0s, [bold]no",
    ]
    assert on.moving() == ["━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━──────────  3 of 4 nodes, 1 failed, 0.0s"]


def test_verbose_lets_output_scroll_away(stage):
    on = stage(verbose=True)
    on.play(*RUNNING)
    assert on.scrolled()[-1] == "base: | Get:1 http://example.org bookworm/main libfoo"


def test_events_come_from_several_threads_while_it_is_drawn(stage):
    on = stage()

    def work(name):
        on.play(NodeStarted(node=name, reason=""))
        for index in range(1, 50):
            on.play(StepStarted(node=name, index=index, total=50, text="RUN x"))
        on.play(NodeFinished(node=name, outcome=Outcome.BUILT, seconds=1.0))

    names = [f"n{number}" for number in range(8)]
    with on.view:
        on.play(RunPlanned(nodes=tuple(names)))
        hands = [threading.Thread(target=work, args=(name,)) for name in names]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
    assert on.moving()[-1].endswith("8 of 8 nodes, 0.0s")

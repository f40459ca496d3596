"""Show on a terminal what runs right now, and let what ended scroll away above it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, assert_never

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from arkes_build.core.events import (
    NodeFinished,
    NodeStarted,
    Notice,
    Outcome,
    OutputLine,
    RunPlanned,
    StepStarted,
)
from arkes_build.ui.phrases import STYLES, brief, ended
from arkes_build.ui.plain import phrase, step
from arkes_build.ui.screen import Style
from arkes_build.ui.text import counted, cut, duration, pad, safe, width

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from arkes_build.core.events import Event
    from arkes_build.ui.screen import Screen

FRAMES_PER_SECOND = 8
WIDEST_BAR = 40
WIDEST_NODE = 24
INDENT = "    "
_LOOKS = {
    Style.GOOD: "green",
    Style.CALM: "dim",
    Style.SAME: "cyan",
    Style.BAD: "bold red",
    Style.CARE: "yellow",
    Style.STRONG: "bold",
}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_SPINNER = "|/-\\"


@dataclass(slots=True, kw_only=True)
class _Running:
    since: float
    step: str = ""
    text: str = ""
    output: str = ""
    """The last line that a program printed for it."""


@dataclass(slots=True, kw_only=True)
class _Progress:
    """What the view knows; changed and drawn under one lock."""

    since: float
    expected: tuple[str, ...] = ()
    ended: set[str] = field(default_factory=set)
    failed: int = 0
    running: dict[str, _Running] = field(default_factory=dict)


class LiveView:
    """Listen to a run and draw it; use it as a context manager around the run."""

    def __init__(
        self,
        screen: Screen,
        *,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
        console: Console | None = None,
    ) -> None:
        self._verbose = verbose
        self._clock = clock
        self._lock = threading.RLock()
        self._progress = _Progress(since=clock())
        self._console = console or Console(
            file=screen.stream, no_color=not screen.colour, highlight=False, emoji=False
        )
        self._live = Live(
            get_renderable=self.draw,
            console=self._console,
            refresh_per_second=FRAMES_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take an event from any thread."""
        with self._lock:
            self._take(event)

    def _take(self, event: Event) -> None:
        now, progress = self._clock(), self._progress
        match event:
            case RunPlanned():
                progress.expected = event.nodes
            case NodeStarted():
                progress.running[event.node] = _Running(since=now, text=safe(event.reason))
            case StepStarted():
                running = progress.running.setdefault(event.node, _Running(since=now))
                running.step, running.text, running.output = step(event), brief(event.text), ""
            case NodeFinished():
                progress.running.pop(event.node, None)
                progress.ended.add(event.node)
                progress.failed += event.outcome is Outcome.FAILED
                self._say(f"{event.node}: {ended(event)}", STYLES[event.outcome])
            case Notice():
                self._say(*phrase(event))
            case OutputLine():
                if event.node in progress.running:
                    progress.running[event.node].output = safe(event.text)
                if self._verbose:
                    self._say(*phrase(event))
            case _:
                assert_never(event)

    def _say(self, text: str, style: Style | None) -> None:
        self._console.print(Text(text, style=_LOOKS[style] if style else ""), soft_wrap=True)

    def draw(self) -> Group:
        """Return the moving part: what runs, what it printed last, and the bar."""
        with self._lock:
            now, columns = self._clock(), self._console.width
            running = sorted(self._progress.running.items())
            roomy = 2 * len(running) + 2 <= self._console.height
            lines: list[Text] = []
            for name, node in running:
                lines.append(self._node_line(name, node, now, columns))
                if roomy and node.output:
                    last = self._cut(node.output, columns - len(INDENT))
                    lines.append(Text(INDENT + last, "dim", no_wrap=True))
            return Group(*lines, self._bar_line(now, columns))

    def _node_line(self, name: str, running: _Running, now: float, columns: int) -> Text:
        names = max(min(WIDEST_NODE, width(n)) for n in self._progress.running)
        steps = max(width(r.step) for r in self._progress.running.values())
        elapsed = pad(duration(now - running.since), 7, right=True)
        line = Text(no_wrap=True)
        line.append(self._frame(now) + " ", "cyan")
        line.append(pad(self._cut(name, names), names), "bold")
        line.append(f" {pad(running.step, steps, right=True)} " if steps else " ", "cyan")
        room = columns - line.cell_len - len(elapsed) - 1
        line.append(pad(self._cut(running.text, room), room) + " ")
        line.append(elapsed, "dim")
        return line

    def _frame(self, now: float) -> str:
        frames = _SPINNER if self._is_unicode else _PLAIN_SPINNER
        return frames[int(now * FRAMES_PER_SECOND) % len(frames)]

    def _cut(self, text: str, columns: int) -> str:
        shorter = cut(text, columns)
        return shorter if self._is_unicode else shorter.replace("…", "~")

    @property
    def _is_unicode(self) -> bool:
        return self._console.encoding.lower().replace("-", "").startswith("utf")

    def _bar_line(self, now: float, columns: int) -> Text:
        progress = self._progress
        done, total = len(progress.ended), len({*progress.expected, *progress.ended})
        words = f"{done} of {counted(total, 'node')}" if progress.expected else "preparing"
        if progress.running:
            words += f", {len(progress.running)} running"
        if progress.failed:
            words += f", {progress.failed} failed"
        words += f", {duration(now - progress.since)}"
        room = min(WIDEST_BAR, columns - width(words) - 2)
        line = Text(no_wrap=True)
        if progress.expected and room > 0:
            full, rest = "━─" if self._is_unicode else "=-"
            line.append(full * (room * done // total), "green")
            line.append(rest * (room - room * done // total), "dim")
            line.append("  ")
        line.append(words)
        return line

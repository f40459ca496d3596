"""Tell a log what happens: one plain line an event, each with the node in front."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self, assert_never

from arkes_build.core.events import (
    NodeFinished,
    NodeStarted,
    Notice,
    OutputLine,
    RunPlanned,
    StepStarted,
)
from arkes_build.ui.phrases import STYLES, brief, ended
from arkes_build.ui.screen import Style
from arkes_build.ui.text import cut, safe

if TYPE_CHECKING:
    from types import TracebackType

    from arkes_build.core.events import Event
    from arkes_build.ui.screen import Screen

LONGEST_STEP = 100
"""Columns of a step's text in a log; the engine's own log has the whole."""


class Plain:
    """Print events as lines; the output of programs only with ``verbose``."""

    def __init__(self, screen: Screen, *, verbose: bool = False) -> None:
        self._screen = screen
        self._verbose = verbose
        self._lock = threading.Lock()
        self._gone = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def __call__(self, event: Event) -> None:
        """Print one event; a reader that went away does not end the build."""
        if isinstance(event, RunPlanned) or (isinstance(event, OutputLine) and not self._verbose):
            return
        with self._lock:
            if self._gone:
                return
            try:
                self._screen.line(*phrase(event))
            except BrokenPipeError:
                self._gone = True


def phrase(
    event: Notice | NodeStarted | StepStarted | OutputLine | NodeFinished,
) -> tuple[str, Style | None]:
    """Return the line for an event, and how it looks."""
    match event:
        case Notice():
            return safe(event.message), Style.CALM
        case NodeStarted():
            why = f": {safe(event.reason)}" if event.reason else ""
            return f"{event.node}: started{why}", Style.STRONG
        case StepStarted():
            number = f"step {step(event)}: " if event.index else ""
            return f"{event.node}: {number}{cut(brief(event.text), LONGEST_STEP)}", None
        case OutputLine():
            return f"{event.node}: | {safe(event.text)}", Style.CALM
        case NodeFinished():
            return f"{event.node}: {ended(event)}", STYLES[event.outcome]
        case _:
            assert_never(event)


def step(event: StepStarted) -> str:
    """Return how far a node is: ``3/12``; ``3`` of an unknown number; nothing for step 0."""
    if not event.index:
        return ""
    return f"{event.index}/{event.total}" if event.total else str(event.index)

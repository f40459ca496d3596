"""Show where a command went, and how it gets on while it is going."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from arkes_build.core.events import Event, Sink
    from arkes_build.host.going import Gone
    from arkes_build.system.command import Settings

_CLEAR = "\r\x1b[K"


def show(gone: Gone, settings: Settings) -> ExitCode:
    """Print where a command went."""
    from arkes_build.system.screens.actions import gone_lines, gone_shape

    if settings.as_json:
        printing.print_shape(gone_shape(gone))
    elif not settings.quiet:
        printing.print_lines(gone_lines(gone))
    return ExitCode.OK


@contextmanager
def progress(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Give a function that shows how far a pull is: one line that is drawn over on a terminal.

    Elsewhere each step is a line of standard error, the counting of objects left out.
    """
    from arkes_build.ui.text import cut, safe

    if settings.quiet or settings.as_json:
        yield lambda _text: None
        return
    screen = screen_of(sys.stderr)

    def say(text: str) -> None:
        if screen.moves:
            sys.stderr.write(_CLEAR + cut(safe(text), (screen.width or 80) - 1))
            sys.stderr.flush()
        elif " objects, " not in text and " of a delta of " not in text:
            screen.line(safe(text))

    try:
        yield say
    finally:
        if screen.moves:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()


def listener(say: Callable[[str], None]) -> Sink:
    """Return who hears of a build on the way: what it says becomes progress."""
    from arkes_build.core.events import Notice, StepStarted

    def hear(event: Event) -> None:
        if isinstance(event, Notice):
            say(event.message)
        elif isinstance(event, StepStarted):
            say(event.text)

    return hear

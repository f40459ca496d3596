"""Show how a download goes: on a terminal line over line, elsewhere each step once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.core import events
from arkes_build.ui.screen import screen_of
from arkes_build.ui.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.events import Event, Sink


def listener(*, is_quiet: bool) -> Callable[[str], None]:
    """Return who hears what is going on; an empty text ends the line."""
    screen = screen_of(sys.stderr)
    if is_quiet or not screen.moves:
        return lambda _text: None

    def say(text: str) -> None:
        screen.stream.write(f"\r\x1b[K{safe(text)}")
        screen.stream.flush()

    return say


def steps(say: Callable[[str], None]) -> Sink:
    """Return who hears the events of a build: each step that begins is said."""

    def hear(event: Event) -> None:
        if isinstance(event, events.StepStarted):
            say(f"building: {event.text}")
        elif isinstance(event, events.Notice):
            say(event.message)

    return hear

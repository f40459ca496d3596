"""Know what the text will be shown on: width, colour, and whether it moves."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

NARROWEST = 40


class Style(Enum):
    """Name the few ways a text is set off; the values are ANSI SGR parameters."""

    GOOD = "32"
    CALM = "2"
    SAME = "36"
    BAD = "1;31"
    CARE = "33"
    STRONG = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Hold a stream and what it can show. ``width`` is None where lines have no end."""

    stream: TextIO
    moves: bool
    """Whether lines can be drawn over: a terminal that is not dumb."""
    colour: bool
    width: int | None

    def paint(self, text: str, style: Style | None) -> str:
        """Return the text in a style, or as it is on a stream without colour."""
        if style is None or not self.colour or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"

    def line(self, text: str = "", style: Style | None = None) -> None:
        """Print one line and let it out at once."""
        self.stream.write(self.paint(text, style) + "\n")
        self.stream.flush()


def screen_of(stream: TextIO, environ: Mapping[str, str] | None = None) -> Screen:
    """Look at a stream and the environment.

    ``NO_COLOR`` (no-color.org) and ``TERM=dumb`` take colours away, ``FORCE_COLOR`` gives
    them to a pipe; ``COLUMNS`` sets the width, also of a pipe.
    """
    environ = os.environ if environ is None else environ
    terminal = stream.isatty()
    dumb = environ.get("TERM", "") in {"", "dumb", "unknown"}
    plain = bool(environ.get("NO_COLOR"))
    forced = bool(environ.get("FORCE_COLOR"))
    return Screen(
        stream=stream,
        moves=terminal and not dumb,
        colour=not plain and (forced or (terminal and not dumb)),
        width=_width(stream, environ, terminal=terminal),
    )


def _width(stream: TextIO, environ: Mapping[str, str], *, terminal: bool) -> int | None:
    columns = environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return max(NARROWEST, int(columns))
    if not terminal:
        return None
    try:
        return max(NARROWEST, os.get_terminal_size(stream.fileno()).columns)
    except OSError:
        return None

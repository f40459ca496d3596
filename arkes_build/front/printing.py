"""Put lines, JSON and errors where they belong: answers on one stream, trouble on the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.core.errors import ArkesError
    from arkes_build.ui.shapes import Shape


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def print_shape(shape: Shape) -> None:
    """Print one JSON object on standard output."""
    from arkes_build.ui.shapes import document

    print_lines([document(shape)])


def print_error(error: ArkesError) -> None:
    """Draw an error on standard error."""
    from arkes_build.ui.trouble import error_lines

    sys.stdout.flush()
    screen = screen_of(sys.stderr)
    sys.stderr.write("".join(f"{line}\n" for line in error_lines(error, screen)))
    sys.stderr.flush()

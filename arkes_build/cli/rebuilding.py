"""`verify --rebuild`: build again, and show whether the same came out."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from arkes_build.cli import front
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.core.errors import ExitCode
    from arkes_build.pipeline.rebuilding import Rebuilding


def rebuild(settings: Settings, nodes: Sequence[str]) -> ExitCode:
    """Build nodes and all they need again, show how they came out, and return the exit code."""
    from arkes_build.core.events import silent
    from arkes_build.pipeline.rebuilding import rebuild

    screen = screen_of(sys.stdout)
    heard = nullcontext(silent) if settings.as_json else front.listener(settings, screen)
    with heard as sink, front.orderly():
        result = rebuild(settings.options(), nodes, sink)
    _print(settings, result)
    return result.exit_code


def _print(settings: Settings, result: Rebuilding) -> None:
    from arkes_build.ui.rebuilt import rebuilt_lines, rebuilt_shape

    for error in result.errors:
        front.print_error(error)
    if settings.as_json:
        front.print_shape(rebuilt_shape(result.nodes, result.seconds, result.exit_code))
    elif result.exit_code or not settings.quiet:
        screen = screen_of(sys.stdout)
        lines = rebuilt_lines(result.nodes, result.seconds, screen, verbose=settings.verbose)
        front.print_lines(lines if settings.quiet else ["", *lines])

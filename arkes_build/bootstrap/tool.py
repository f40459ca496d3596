"""Run a family's tool, and say what its last lines mean when it fails."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from arkes_build.bootstrap.errors import tool_failure
from arkes_build.core import process
from arkes_build.core.blame import WINDOW, without_credentials
from arkes_build.core.errors import ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def run_tool(
    argv: Sequence[str], on_line: Callable[[str], None], *, env: Mapping[str, str] | None = None
) -> None:
    """Run a program; nobody who listens sees a URL's password."""
    tail: deque[str] = deque(maxlen=WINDOW)

    def hear(line: str) -> None:
        shown = without_credentials(line.rpartition("\r")[2])
        tail.append(shown)
        on_line(shown)

    try:
        process.stream(argv, hear, env=env)
    except ProcessFailed as error:
        raise tool_failure(argv[0], tuple(tail)) from error

"""Tell, while a machine boots, what its console said last."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from arkes_build.core.events import OutputLine
from arkes_build.trial.console import last_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.events import Sink
    from arkes_build.trial.machine import Machine

EVERY_SECONDS = 1.0


@contextmanager
def watching(machine: Machine, sink: Sink, node: str) -> Iterator[None]:
    """Say each new last line of the console while the block runs."""
    over = threading.Event()

    def look() -> None:
        told = ""
        while not over.wait(EVERY_SECONDS):
            line = last_line(machine.console)
            if line and line != told:
                told = line
                sink(OutputLine(node=node, text=line))

    watcher = threading.Thread(target=look, name="console", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()

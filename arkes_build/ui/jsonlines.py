"""Tell a program what happens: one JSON object a line, as it happens."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self, TextIO

from arkes_build.ui.shapes import event_shape, line

if TYPE_CHECKING:
    from types import TracebackType

    from arkes_build.core.events import Event
    from arkes_build.ui.shapes import Shape


class JsonLines:
    """Write events as lines of JSON; the front adds the report, or the error, as the last."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
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
        """Write one event; a reader that went away does not end the build."""
        self.write(event_shape(event))

    def write(self, shape: Shape) -> None:
        """Write one object."""
        with self._lock:
            if self._gone:
                return
            try:
                self._stream.write(line(shape) + "\n")
                self._stream.flush()
            except BrokenPipeError:
                self._gone = True

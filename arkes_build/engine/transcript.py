"""Follow a build's stream: steps and output for the listener, the tail for the error."""

from __future__ import annotations

import json
import re
from collections import deque
from typing import IO, TYPE_CHECKING

from arkes_build.core.blame import WINDOW
from arkes_build.core.events import OutputLine, StepStarted
from arkes_build.engine.errors import NO_STEP, Step

if TYPE_CHECKING:
    from arkes_build.core.events import Sink

_STEP = re.compile(r"(?:\[(\d+)/\d+\] )?STEP (\d+)/(\d+): (.*)", re.DOTALL)
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")
_CHATTER = re.compile(
    r"--> |(?:\[\d+/\d+\] )?COMMIT\b|Successfully tagged |[0-9a-f]{64}$"
    r"|(?:subprocess|container) exited (?:with status|on) "
)
_EXIT_STATUS = re.compile(r"exit status (\d+)\s*$")


class Transcript:
    """Take the messages of one build, each a JSON object with ``stream`` or ``error``.

    Output comes in pieces of any length; the listener gets whole lines. A step is only
    believed when it is the next one, so that a program that prints ``STEP 3/4:`` does
    not move the place of an error.
    """

    def __init__(self, node: str, sink: Sink, log: IO[str]) -> None:
        self.step: Step = NO_STEP
        self.error = ""
        self.image = ""
        self._node = node
        self._sink = sink
        self._log = log
        self._partial = ""
        self._tail: deque[str] = deque(maxlen=WINDOW)
        self._totals = (0, 0)
        """Steps of the stages before this one, and of this one."""

    @property
    def output(self) -> tuple[str, ...]:
        """Return the last lines of the failed step, with the engine's own word if it adds to it."""
        said = () if self.exit_code >= 0 else tuple(self.error.strip().splitlines())
        return (*self._tail, *said)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the program that failed, -1 when there is none."""
        found = _EXIT_STATUS.search(self.error)
        return int(found[1]) if found else -1

    def take(self, message: bytes) -> None:
        """Take one line of the stream; what is no JSON object counts as output."""
        try:
            value = json.loads(message)
        except ValueError:
            value = {"stream": message.decode("utf-8", "replace") + "\n"}
        if not isinstance(value, dict):
            return
        if isinstance(text := value.get("stream"), str):
            self._log.write(text)
            self._stream(text)
        if error := value.get("error"):
            self.error = str(error)
            self._log.write(f"\n{self.error}\n")

    def finish(self) -> None:
        """Hand over what stands without a line end."""
        if self._partial:
            self._line(self._partial)
        self._partial = ""

    def _stream(self, text: str) -> None:
        found = _STEP.match(text)
        if found and self._is_next(found):
            self.finish()
            self._begin(found)
            return
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._line(line)

    def _is_next(self, found: re.Match[str]) -> bool:
        stage, index, total = int(found[1] or 1), int(found[2]), int(found[3])
        if stage == self.step.stage:
            return index == self.step.index + 1 and total == self._totals[1]
        return stage > self.step.stage and index == 1

    def _begin(self, found: re.Match[str]) -> None:
        stage, index, total = int(found[1] or 1), int(found[2]), int(found[3])
        if stage != self.step.stage:
            self._totals = (sum(self._totals), total)
        self.step = Step(stage=stage, index=index, text=found[4].strip())
        self._tail.clear()
        before = self._totals[0]
        self._sink(
            StepStarted(
                node=self._node, index=before + index, total=before + total, text=self.step.text
            )
        )

    def _line(self, line: str) -> None:
        line = line.rstrip("\r").rpartition("\r")[2]
        if _IMAGE_ID.fullmatch(line):
            self.image = line
        if _CHATTER.match(line):
            return
        self._tail.append(line)
        self._sink(OutputLine(node=self._node, text=line))

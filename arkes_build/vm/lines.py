"""Read and write JSON lines over a socket whose other end may be hostile."""

from __future__ import annotations

import json
import select
import time
from typing import TYPE_CHECKING, Any

from arkes_build.vm.errors import GuestSpeaksNonsense, MachineEnded, TooLate

if TYPE_CHECKING:
    import socket

LONGEST_LINE = 24 << 20
"""Bytes; the agent sends 8 MiB of output at most, and base64 makes 11 of them."""
_CHUNK = 1 << 16


class Lines:
    """One JSON object per line, both ways, each with a deadline and a bounded length.

    ``who`` names the other end in errors. What was received and not yet asked for waits
    in the socket: a peer that talks without end is held up, nothing grows here.
    """

    def __init__(self, end: socket.socket, who: str) -> None:
        end.settimeout(0)
        self._end = end
        self._who = who
        self._buffer = bytearray()

    def send(self, message: dict[str, Any], *, timeout: float = 30.0) -> None:
        """Send one object; raises ``TooLate`` when the other end does not take it."""
        data = memoryview(json.dumps(message).encode("ascii") + b"\n")
        deadline = time.monotonic() + timeout
        while data:
            if not self._ready(deadline, write=True):
                raise TooLate(f"sending to {self._who}", seconds=timeout)
            try:
                data = data[self._end.send(data) :]
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                raise MachineEnded(f"sending to {self._who}") from error

    def receive(self, deadline: float) -> dict[str, Any] | None:
        """Return the next object, None after the deadline (of ``time.monotonic``).

        That holds for a peer that never stops talking, too: whoever waits for one object
        among others asks again and again with the same deadline. A line that is no JSON
        object is passed over when it is short: a guest that was cut off amid a line, or set
        back to a snapshot, leaves such. Raises ``MachineEnded`` at the end of the stream,
        ``GuestSpeaksNonsense`` for a line without end.
        """
        while (line := self._line(deadline)) is not None:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                return value
        return None

    def _line(self, deadline: float) -> bytes | None:
        if time.monotonic() > deadline:
            return None
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > LONGEST_LINE:
                self._buffer.clear()
                raise GuestSpeaksNonsense(f"{self._who} sent a line of over {LONGEST_LINE} bytes")
            if not self._ready(deadline):
                return None
            try:
                data = self._end.recv(_CHUNK)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                raise MachineEnded(f"waiting for {self._who}") from error
            if not data:
                raise MachineEnded(f"waiting for {self._who}")
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _ready(self, deadline: float, *, write: bool = False) -> bool:
        wait = max(0.0, deadline - time.monotonic())
        ends = [self._end]
        read, written, _ = select.select([] if write else ends, ends if write else [], [], wait)
        return bool(read or written)

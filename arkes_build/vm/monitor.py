"""Talk to QEMU itself: its machine protocol, QMP (https://www.qemu.org/docs/master/interop/)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from arkes_build.vm.errors import MonitorRefused, TooLate
from arkes_build.vm.lines import Lines

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

PATIENCE = 60.0
_MOST_EVENTS = 1000


class Monitor:
    """One connection to QEMU's monitor; ``events`` are those seen so far, the newest last."""

    def __init__(self, end: socket.socket) -> None:
        self._lines = Lines(end, "QEMU's monitor")
        self._next = 0
        self.events: list[str] = []

    def open(self) -> None:
        """Wait for QEMU's greeting and take its commands."""
        deadline = time.monotonic() + PATIENCE
        greeting = self._lines.receive(deadline)
        while greeting is not None and "QMP" not in greeting:
            greeting = self._lines.receive(deadline)
        if greeting is None:
            raise TooLate("waiting for QEMU to answer", seconds=PATIENCE)
        self.command("qmp_capabilities")

    def command(self, command: str, /, *, timeout: float = PATIENCE, **arguments: Any) -> Any:
        """Run one command and return its value; raises ``MonitorRefused``.

        ``_`` in an argument's name stands for QMP's ``-``.
        """
        self._next += 1
        message: dict[str, Any] = {"execute": command, "id": self._next}
        if arguments:
            message["arguments"] = {key.replace("_", "-"): arguments[key] for key in arguments}
        self._lines.send(message)
        deadline = time.monotonic() + timeout
        while (answer := self._lines.receive(deadline)) is not None:
            self._note(answer)
            if answer.get("id") != self._next:
                continue
            if "error" in answer:
                raise MonitorRefused(command, str(dict(answer["error"] or {}).get("desc", "")))
            return answer.get("return")
        raise TooLate(f"waiting for QEMU's {command}", seconds=timeout)

    def wait_for_event(self, names: Sequence[str], *, timeout: float) -> str | None:
        """Return the first of these events that comes, None when none does in time."""
        deadline = time.monotonic() + timeout
        while (message := self._lines.receive(deadline)) is not None:
            self._note(message)
            if message.get("event") in names:
                return str(message["event"])
        return None

    def job(self, command: str, *, timeout: float, **arguments: Any) -> None:
        """Run a command that is a job, to its end; raises ``MonitorRefused``."""
        name = f"job{self._next}"
        self.command(command, job_id=name, **arguments)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            jobs = {str(job["id"]): job for job in self.command("query-jobs")}
            if name not in jobs or jobs[name]["status"] == "concluded":
                self.command("job-dismiss", id=name)
                if jobs.get(name, {}).get("error"):
                    raise MonitorRefused(command, str(jobs[name]["error"]))
                return
            time.sleep(0.05)
        raise TooLate(f"waiting for QEMU's {command}", seconds=timeout)

    def _note(self, message: dict[str, Any]) -> None:
        if isinstance(message.get("event"), str):
            self.events = [*self.events, message["event"]][-_MOST_EVENTS:]

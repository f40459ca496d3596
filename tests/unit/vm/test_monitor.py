from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from arkes_build.vm.errors import MonitorRefused
from arkes_build.vm.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Iterator


class Qemu:
    """A monitor that answers from a table; what it was asked is in ``asked``."""

    def __init__(self, end: socket.socket, answers: dict[str, list[dict[str, Any]]]) -> None:
        self.end, self.answers, self.asked = end, answers, []
        self.end.settimeout(10)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        self.send({"QMP": {"version": {}}})
        with self.end.makefile("rb") as lines:
            for line in lines:
                self.answer(line)

    def answer(self, line: bytes) -> None:
        asked = json.loads(line)
        self.asked.append({key: asked[key] for key in asked if key != "id"})
        known = self.answers.get(asked["execute"], [{"return": {}}])
        answer = known.pop(0) if len(known) > 1 else known[0]
        self.send({"event": "SOMETHING"})
        self.send({**answer, "id": asked["id"]})

    def send(self, message: dict[str, Any]) -> None:
        self.end.sendall(json.dumps(message).encode() + b"\r\n")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_command_has_an_answer(pair: tuple[socket.socket, socket.socket]) -> None:
    qemu = Qemu(pair[1], {"query-status": [{"return": {"status": "running"}}]})
    monitor = Monitor(pair[0])
    monitor.open()
    assert monitor.command("query-status", some_word=1) == {"status": "running"}
    assert qemu.asked == [
        {"execute": "qmp_capabilities"},
        {"execute": "query-status", "arguments": {"some-word": 1}},
    ]
    assert monitor.events == ["SOMETHING", "SOMETHING"]


def test_a_refusal_says_why(pair: tuple[socket.socket, socket.socket]) -> None:
    Qemu(pair[1], {"stop": [{"error": {"class": "GenericError", "desc": "no"}}]})
    monitor = Monitor(pair[0])
    monitor.open()
    with pytest.raises(MonitorRefused) as caught:
        monitor.command("stop")
    assert (caught.value.brief, caught.value.details) == ("QEMU refused stop", "no")


@pytest.mark.parametrize(
    ("error", "is_refused"),
    [pytest.param("", False, id="a job ends"), pytest.param("no room", True, id="a job fails")],
)
def test_a_job_runs_to_its_end(
    pair: tuple[socket.socket, socket.socket], error: str, is_refused: bool
) -> None:
    job = {"id": "job1", "status": "concluded", **({"error": error} if error else {})}
    running = {"id": "job1", "status": "running"}
    Qemu(pair[1], {"query-jobs": [{"return": [running]}, {"return": [job]}]})
    monitor = Monitor(pair[0])
    monitor.open()
    if not is_refused:
        monitor.job("snapshot-save", timeout=5, tag="a")
        return
    with pytest.raises(MonitorRefused, match="snapshot-save"):
        monitor.job("snapshot-save", timeout=5, tag="a")

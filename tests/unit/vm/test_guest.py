"""The real agent answers over socket pairs; only the folder of its ports is made up."""

from __future__ import annotations

import json
import socket
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from arkes_build.vm import agent
from arkes_build.vm.errors import GuestRefused, GuestSpeaksNonsense, TooLate
from arkes_build.vm.guest import Guest, Result
from arkes_build.vm.verdict import Verdict, parse_times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMES = "Startup finished in 2.1s (firmware) + 500ms (loader) + 1min 3.5s (userspace) = 1min 6.1s"
SAID = {
    "verdict": 1,
    "state": "degraded",
    "complete": True,
    "failed": ["a.service"],
    "deployment": "abc.0",
    "kernel": "6.12",
    "times": TIMES,
    "boot": "id",
    "uptime": 66,
}


class Wire:
    """A guest's two ports, whose far ends a test holds."""

    def __init__(self) -> None:
        self.agent, self.far_agent = socket.socketpair()
        self.verdict, self.far_verdict = socket.socketpair()
        self.guest = Guest(self.agent, self.verdict)
        self.thread: threading.Thread | None = None

    def serve(self) -> None:
        port = object.__new__(agent.Port)
        port._lock, port._file = threading.Lock(), self.far_agent.fileno()

        def loop() -> None:
            with self.far_agent.makefile("rb") as asked:
                for line in asked:
                    agent.answer(port, json.loads(line))

        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()

    def reply(self, **message: Any) -> None:
        def loop() -> None:
            with self.far_agent.makefile("rb") as stream:
                asked = json.loads(stream.readline())
            self.far_agent.sendall(json.dumps({"id": asked["id"], **message}).encode() + b"\n")

        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.agent.close()
    if made.thread:
        made.thread.join()
    for end in (made.far_agent, made.far_verdict, made.verdict):
        end.close()


@pytest.fixture
def served(wire: Wire) -> Guest:
    wire.serve()
    return wire.guest


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param(["echo", "a b"], Result(exit=0, out="a b\n", err=""), id="a program"),
        pytest.param("echo no >&2; exit 3", Result(exit=3, out="", err="no\n"), id="a script"),
        pytest.param(["cat"], Result(exit=0, out="in", err=""), id="with input"),
        pytest.param("kill -9 $$", Result(exit=-9, out="", err=""), id="one that is killed"),
    ],
)
def test_a_program_runs_in_the_guest(
    served: Guest, argv: list[str] | str, expected: Result
) -> None:
    assert served.run(argv, stdin=b"in") == expected


def test_a_program_that_takes_too_long_is_killed_with_all_it_started(served: Guest) -> None:
    assert served.run("sleep 1000 & sleep 1000", timeout=0.2).is_late


def test_of_a_program_that_prints_without_end_only_the_beginning_is_held(
    served: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "MOST_OUTPUT", 1 << 16)
    tracemalloc.start()
    result = served.run("echo first; head -c 64M /dev/zero; echo no >&2")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(result.out), result.out[:5], result.err) == (1 << 16, "first", "no\n")
    assert result.is_cut
    assert most < 8 << 20


def test_a_program_that_wants_no_input_gets_none(served: Guest) -> None:
    assert served.run("exec <&-; echo well", stdin=b"x" * 1_000_000).out == "well\n"


def test_a_program_that_is_not_there_is_told(served: Guest) -> None:
    with pytest.raises(GuestRefused) as caught:
        served.run(["/nonexistent"])
    assert caught.value.brief == "the guest could not run /nonexistent"


@pytest.mark.parametrize("size", [0, 5, (1 << 20) + 5])
def test_a_file_goes_there_and_comes_back(served: Guest, tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    path = tmp_path / "inner" / "file"
    served.put(data, str(path), mode=0o600)
    assert (served.get(str(path)), path.stat().st_mode & 0o777) == (data, 0o600)


def test_a_file_larger_than_wanted_is_refused(served: Guest, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    with pytest.raises(GuestSpeaksNonsense):
        served.get(str(tmp_path / "file"), most=99)


def test_two_programs_run_at_once_and_answer_in_any_order(wire: Wire, tmp_path: Path) -> None:
    port = object.__new__(agent.Port)
    port._lock, port._file = threading.Lock(), wire.far_agent.fileno()
    first = wire.guest.start("first")
    second = wire.guest.start("second")
    for asked, code in ((second, 2), (first, 1)):
        port.send({"id": asked.number, "exit": code, "out": "", "err": ""})
    assert [wire.guest.result(asked).exit for asked in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"exit": "0", "out": "", "err": ""}, id="a code that is a text"),
        pytest.param({"exit": 0, "out": "?", "err": ""}, id="what is not base64"),
        pytest.param({"exit": 0, "out": 5, "err": ""}, id="output that is a number"),
        pytest.param({"exit": 0}, id="no output"),
    ],
)
def test_a_hostile_answer_is_refused(wire: Wire, answer: dict[str, object]) -> None:
    wire.reply(**answer)
    with pytest.raises(GuestSpeaksNonsense):
        wire.guest.run(["true"])


def test_a_silent_guest_is_not_waited_for(wire: Wire) -> None:
    with pytest.raises(TooLate, match="waiting for the guest's agent"):
        wire.guest.wait(timeout=0.1)


def test_the_verdict_is_heard_after_the_rest_of_a_cut_line(wire: Wire) -> None:
    wire.far_verdict.sendall(b'{"verd\n' + json.dumps(SAID).encode() + b"\n")
    assert wire.guest.verdict(timeout=5) == Verdict(
        state="degraded",
        is_complete=True,
        failed=("a.service",),
        deployment="abc.0",
        kernel="6.12",
        times={"firmware": 2.1, "loader": 0.5, "userspace": 63.5, "total": 66.1},
        boot="id",
        uptime=66.0,
    )
    assert wire.guest.verdict(timeout=0.05) is None


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"failed": "a"}, id="units that are no list"),
        pytest.param({"state": None}, id="no state"),
        pytest.param({"uptime": "1"}, id="a time that is a text"),
        pytest.param({"uptime": 10**400}, id="a time beyond all numbers"),
        pytest.param({"uptime": float("nan")}, id="a time that is no number"),
    ],
)
def test_a_hostile_verdict_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(GuestSpeaksNonsense):
        Verdict.from_json({**SAID, **wrong})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Bootup is not yet finished", {}, id="nothing yet"),
        pytest.param("Startup finished in 2h 1min 1.5s (kernel)", {"kernel": 7261.5}, id="hours"),
        pytest.param("Startup finished in 1.2.3s (kernel)", {"kernel": 0.0}, id="nonsense"),
        pytest.param(
            f"{'9' * 400}s (kernel)", {"kernel": 999999999999999.0}, id="no end of digits"
        ),
    ],
)
def test_times_are_read(text: str, expected: dict[str, float]) -> None:
    assert parse_times(text) == expected

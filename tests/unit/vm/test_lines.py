from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from arkes_build.vm import lines
from arkes_build.vm.errors import GuestSpeaksNonsense, MachineEnded, TooLate
from arkes_build.vm.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b'{"a": 1}\n', {"a": 1}, id="a line"),
        pytest.param(b'{"cut \n{"a": 1}\n', {"a": 1}, id="after a line that was cut off"),
        pytest.param(b'[1]\n"x"\n5\n{}\n', {}, id="after what is no object"),
        pytest.param(b"\xff\x00\n\n{}\n", {}, id="after what is no text"),
        pytest.param(b"[" * 100_000 + b"\n{}\n", {}, id="after what is nested too deep"),
        pytest.param(b'{"half": ', None, id="nothing, when the line does not end"),
    ],
)
def test_an_object_is_received(
    pair: tuple[socket.socket, socket.socket], sent: bytes, expected: object
) -> None:
    received = Lines(pair[0], "a peer")
    threading.Thread(target=pair[1].sendall, args=(sent,)).start()
    assert received.receive(soon(0.3 if expected is None else 5)) == expected


def test_two_in_one_go_come_one_after_the_other(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    received = Lines(pair[0], "a peer")
    pair[1].sendall(b'{"n": 1}\n{"n": 2}\n')
    assert [received.receive(soon()), received.receive(soon())] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("sent", [b"no object\n", b'{"asked": "by nobody"}\n'])
def test_who_never_stops_talking_is_not_heard_beyond_the_deadline(
    pair: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    pair[1].sendall(sent * 1000)
    received, deadline = Lines(pair[0], "a peer"), soon(0.0)
    assert received.receive(deadline) is None


def test_a_line_without_end_is_refused(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 1000)
    pair[1].sendall(b"x" * 2000)
    with pytest.raises(GuestSpeaksNonsense):
        Lines(pair[0], "a peer").receive(soon())


def test_the_end_of_the_stream_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[1].close()
    with pytest.raises(MachineEnded):
        Lines(pair[0], "a peer").receive(soon())


def test_who_does_not_listen_is_not_waited_for(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with pytest.raises(TooLate):
        Lines(pair[0], "a peer").send({"a": "x" * 10_000_000}, timeout=0.1)

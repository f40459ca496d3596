from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from arkes_build.core.process import Background

if TYPE_CHECKING:
    from pathlib import Path


def test_a_kill_leaves_no_time_for_a_last_word(tmp_path: Path) -> None:
    word = tmp_path / "word"
    ready = tmp_path / "ready"
    script = f"trap 'echo last >{word}; exit' TERM; touch {ready}; while :; do sleep 0.05; done"
    running = Background(["sh", "-c", script])
    while not ready.exists():
        assert not running.wait(0.01)
    running.kill()
    assert (running.is_running(), word.exists()) == (False, False)


def test_a_program_that_ended_can_be_killed_and_stopped() -> None:
    running = Background(["true"])
    assert running.wait(10)
    running.kill()
    running.stop()


def test_descriptors_are_handed_on_and_closed_with_the_program() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        script = f"echo hello >&{theirs.fileno()}"
        running = Background(["bash", "-c", script], pass_fds=[theirs.fileno()])
        theirs.close()
        assert ours.recv(100) == b"hello\n"
        assert ours.recv(100) == b""
        running.stop()

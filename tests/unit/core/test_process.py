from __future__ import annotations

import time
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode, ProcessFailed, ToolMissing
from arkes_build.core.process import (
    TAIL_LINES,
    Background,
    Completed,
    Ended,
    find,
    run,
    run_bounded,
    stream,
)

NUMBERS = "for i in $(seq 30); do echo line $i; done; exit 3"
LAST = "\n".join(f"line {number}" for number in range(31 - TAIL_LINES, 31))


def is_alive(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/stat").open() as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    end = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_alive(pid)


def test_a_program_that_is_not_there_is_named_with_its_purpose() -> None:
    with pytest.raises(ToolMissing) as caught:
        find("no-such-program", wanted_for="building images")
    error = caught.value
    assert (error.brief, error.exit_code) == (
        "no-such-program is not installed (needed for building images)",
        ExitCode.TOOL_MISSING,
    )


def test_programs_of_the_administrator_are_found_without_their_folder_on_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    assert find("chroot") == "/usr/sbin/chroot"


def test_a_run_returns_both_streams_and_the_code() -> None:
    result = run(["sh", "-c", "cat; echo oops >&2; exit 2"], stdin=b"hello\xff", check=False)
    assert result == Completed(code=2, output="hello\ufffd", errors="oops\n")


def test_a_run_sees_the_environment_with_ours_on_top_in_a_fixed_locale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("KEPT", "kept")
    script = "echo $LC_ALL $KEPT $GIVEN; pwd"
    result = run(["sh", "-c", script], env={"GIVEN": "given"}, cwd=tmp_path)
    assert result.output == f"C.UTF-8 kept given\n{tmp_path}\n"


def test_no_program_waits_for_the_keyboard() -> None:
    assert run(["cat"]).output == ""


def test_a_failed_run_carries_the_last_lines() -> None:
    with pytest.raises(ProcessFailed) as caught:
        run(["sh", "-c", NUMBERS])
    error = caught.value
    assert (error.brief, error.code, error.tail) == ("sh ended with exit code 3", 3, LAST)


def test_a_run_that_takes_too_long_is_ended_and_carries_what_it_said() -> None:
    with pytest.raises(ProcessFailed) as caught:
        run(["sh", "-c", "echo waiting >&2; exec sleep 60"], timeout=0.5, check=False)
    error = caught.value
    assert str(error) == error.brief == "sh did not end within 0.5 seconds"
    assert (error.code, error.tail) == (-9, "waiting")


def test_a_stream_hands_over_lines_of_both_streams_as_they_are() -> None:
    lines: list[str] = []
    stream(["sh", "-c", "echo one; echo two >&2; printf 'three\\r\\n\\377'"], lines.append)
    assert lines == ["one", "two", "three", "\ufffd"]


def test_a_failed_stream_carries_the_last_lines() -> None:
    with pytest.raises(ProcessFailed) as caught:
        stream(["sh", "-c", NUMBERS], lambda _: None)
    assert caught.value.tail == LAST


def test_an_interrupted_stream_ends_the_program_and_what_it_started() -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.extend(int(word) for word in line.split())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream(["sh", "-c", "sleep 60 & echo $$ $!; wait"], interrupt)
    assert [ends(pid) for pid in pids] == [True, True]


def test_a_background_program_ends_with_all_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as opened:
        program = Background(["sh", "-c", "sleep 60 & echo $!; wait"], log=opened)
    while not log.read_text():
        time.sleep(0.01)
    assert program.is_running()
    program.stop()
    program.stop()
    assert not program.is_running()
    assert ends(int(log.read_text()))


def test_a_background_program_that_ended_by_itself_is_known_to_have() -> None:
    program = Background(["true"])
    while program.is_running():
        time.sleep(0.01)
    program.stop()
    assert not program.is_running()


@pytest.mark.parametrize(
    ("script", "ended"),
    [
        pytest.param("echo out; echo err >&2; exit 3", Ended(code=3, tail="out\nerr\n"), id="both"),
        pytest.param("printf 0123456789abc", Ended(code=0, tail="3456789abc"), id="the end"),
        pytest.param("echo in; kill -9 $$", Ended(code=-9, tail="in\n"), id="killed"),
        pytest.param("sleep 600 & echo up", Ended(code=0, tail="up\n"), id="a child stays"),
    ],
)
def test_a_strangers_program_is_bounded(script: str, ended: Ended) -> None:
    assert run_bounded(["/bin/sh", "-c", script], timeout=60, limit=10) == ended


def test_a_strangers_program_ends_with_all_it_started_when_time_is_up(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! >{tmp_path}/pid; echo on; sleep 600"
    ended = run_bounded(["/bin/sh", "-c", script], timeout=0.5, limit=100)
    assert ended == Ended(code=None, tail="on\n")
    assert ends(int((tmp_path / "pid").read_text()))

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arkes_build.core import guard
from arkes_build.core.process import Background

GUARD = [sys.executable, "-I", "-S", guard.__file__]
DAEMON = "import os, time; os.fork() or (os.setsid(), os.fork(), time.sleep(600)); time.sleep({})"


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def program(body):
    return [sys.executable, "-I", "-S", "-c", body]


def run(argv):
    with subprocess.Popen([*GUARD, *argv], stdin=subprocess.PIPE) as process:
        return process.wait()


def alive(marker):
    """Return the processes whose environment has the marker."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marker.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.fixture
def marker(request):
    return f"GUARD_TEST={os.getpid()}-{request.node.name}-{time.monotonic_ns()}"


def environment(marker):
    name, _, value = marker.partition("=")
    return {name: value}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param("raise SystemExit(0)", 0, id="it ends well"),
        pytest.param("raise SystemExit(7)", 7, id="it fails"),
        pytest.param("import os; os.kill(os.getpid(), 9)", 137, id="a signal ends it"),
    ],
)
def test_the_exit_code_is_the_programs(body, code):
    assert run(program(body)) == code


def test_a_program_that_cannot_start_is_127():
    assert run(["/no/such/program"]) == 127


def test_stopping_ends_daemons_that_left_the_session(marker):
    background = Background(program(DAEMON.format(600)), env=environment(marker))
    assert wait_for(lambda: len(alive(marker)) >= 4)
    background.stop()
    assert alive(marker) == []


def test_daemons_end_when_the_program_does(marker):
    background = Background(program(DAEMON.format(0.3)), env=environment(marker))
    assert wait_for(lambda: not background.is_running())
    assert alive(marker) == []
    background.stop()


def test_everything_ends_when_the_caller_is_killed(marker):
    caller = subprocess.Popen(
        program(
            f"import subprocess; p = subprocess.Popen({[*GUARD, *program(DAEMON.format(600))]!r},"
            " stdin=subprocess.PIPE, start_new_session=True); p.wait()"
        ),
        env={**os.environ, **environment(marker)},
    )
    assert wait_for(lambda: len(alive(marker)) >= 5)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert wait_for(lambda: alive(marker) == [])


def test_a_program_that_does_not_listen_is_killed(marker):
    body = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    background = Background(program(body + "; time.sleep(600)"), env=environment(marker))
    assert wait_for(lambda: len(alive(marker)) >= 2)
    time.sleep(0.2)
    background.stop()
    assert alive(marker) == []
    background.stop()

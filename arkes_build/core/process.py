"""Run the host's programs: the one place that starts a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess  # the one place
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from arkes_build.core.errors import ProcessFailed, ProcessLate, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TAIL_LINES = 20
_GUARD_SECONDS = 25.0
"""Longer than the guard itself waits for a program to end."""
_LAST_WORDS = 0.5
"""Seconds after the end of a program in which its last output is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Hold what a program left behind: exit code, standard output, standard error."""

    code: int
    output: str
    errors: str


def find(tool: str, *, wanted_for: str = "") -> str:
    """Return the path of a program of the host, or raise ``ToolMissing``."""
    path = shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise ToolMissing(tool, wanted_for=wanted_for)
    return path


def run(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    check: bool = True,
) -> Completed:
    """Run a program to its end in the C.UTF-8 locale and return what it left.

    ``env`` is added to this process's environment; ``timeout`` is in seconds.
    Raises ``ToolMissing``, ``ProcessLate`` when it had to be killed after its time, and with
    ``check`` ``ProcessFailed`` on a non-zero code.
    """
    path = find(argv[0])
    try:
        result = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            [path, *argv[1:]],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            cwd=cwd,
            env=_environment(env),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stderr or late.output or b"").decode("utf-8", "replace")
        raise ProcessLate(tuple(argv), seconds=late.timeout, tail=_tail(said)) from late
    output, errors = (part.decode("utf-8", "replace") for part in (result.stdout, result.stderr))
    if check and result.returncode:
        raise ProcessFailed(tuple(argv), code=result.returncode, tail=_tail(errors or output))
    return Completed(code=result.returncode, output=output, errors=errors)


def stream(
    argv: Sequence[str],
    on_line: Callable[[str], None],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program and hand over each line it prints (both streams) as it comes.

    Raises ``ToolMissing``, or ``ProcessFailed`` with the last lines on a non-zero code.
    The program is ended when the caller is interrupted.
    """
    path = find(argv[0])
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with (
        subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
            [path, *argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=_environment(env),
            start_new_session=True,
        ) as process
    ):
        try:
            for raw in process.stdout or ():
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                tail.append(line)
                on_line(line)
        except BaseException:
            _end(process)
            raise
    if process.returncode:
        raise ProcessFailed(tuple(argv), code=process.returncode, tail="\n".join(tail))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended: its exit code (None: time was up), and the end of what it printed."""

    code: int | None
    tail: str


def attend(argv: Sequence[str]) -> int:
    """Run a program that talks with the person at this terminal; return its exit code.

    It has our own streams, and Ctrl-C is for it alone as long as it runs. Raises
    ``ToolMissing``.
    """
    path = find(argv[0])
    # Not "ignore", which the program would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen([path, *argv[1:]]) as process:  # noqa: S603 - a list of arguments, no shell
            return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def run_bounded(
    argv: Sequence[str], *, timeout: float, limit: int, env: Mapping[str, str] | None = None
) -> Ended:
    """Run a program that is not ours: it gets ``timeout`` seconds and no more.

    Both its streams are read together, the last ``limit`` bytes are kept. It and whatever it
    started are killed when time is up; what it leaves behind may live on, but is not waited
    for. Raises ``OSError`` when it cannot be started.
    """
    with subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(env),
        start_new_session=True,
    ) as process:
        kept = bytearray()
        reader = threading.Thread(target=_keep_end, args=(process.stdout, kept, limit), daemon=True)
        reader.start()
        try:
            code: int | None = process.wait(timeout=timeout)
        except subprocess.TimeoutExpired:
            code = None
        reader.join(timeout=_LAST_WORDS)
        with suppress(ProcessLookupError):
            # Whoever still holds the pipe would be waited for.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join()
    return Ended(code=code, tail=bytes(kept).decode("utf-8", "replace"))


def _keep_end(stream: IO[bytes] | None, kept: bytearray, limit: int) -> None:
    while stream is not None and (piece := os.read(stream.fileno(), 1 << 16)):
        kept += piece
        del kept[:-limit]


class Background:
    """Keep a program running beside us until ``stop``; its output goes to ``log``.

    It runs under ``core/guard.py``: neither it nor anything it starts outlives this
    process, however this process ends. ``pass_fds`` are the file descriptors it inherits.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: IO[bytes] | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._lock = threading.Lock()
        guard = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py"))]
        self._process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
            [*guard, find(argv[0]), *argv[1:]],
            stdin=subprocess.PIPE,
            stdout=log or subprocess.DEVNULL,
            stderr=subprocess.STDOUT if log else subprocess.DEVNULL,
            env=_environment(env),
            start_new_session=True,
            pass_fds=pass_fds,
        )

    def is_running(self) -> bool:
        """Tell whether the program has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the program by SIGKILL, with no time for a last word: the power cut of a VM."""
        with self._lock:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGUSR1)  # the guard knows the program
        self.wait(_GUARD_SECONDS)
        self.stop()

    def wait(self, seconds: float) -> bool:
        """Wait until the program has ended by itself; return whether it has."""
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """End the program and all it started; calling it again does nothing."""
        with self._lock:
            if self._process.stdin is not None:
                self._process.stdin.close()
            if self._process.poll() is not None:
                return
            try:
                self._process.wait(timeout=_GUARD_SECONDS)
            except subprocess.TimeoutExpired:
                _end(self._process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=5)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", **(extra or {})}


def _tail(text: str) -> str:
    return "\n".join(text.rstrip().splitlines()[-TAIL_LINES:])

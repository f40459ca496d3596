"""Keep a program and all it starts from outliving us: run as a script, stdlib only.

``python -I -S guard.py PROGRAM ARGUMENT…``, with a pipe as standard input that only the
caller holds. The guard adopts every orphan below it (PR_SET_CHILD_SUBREAPER), so nothing
gets away by a double fork. SIGUSR1 kills the program without a last word. The guard ends when
the program does, when it is told to (SIGTERM), or when the pipe closes, which happens even if
the caller is killed with SIGKILL:

1. what the program itself has started is killed, so that it sees its work fail and can
   clean up (buildah then removes its working container);
2. the program is asked to end, and killed if it does not;
3. whatever is left is killed.
"""

from __future__ import annotations

import ctypes
import math
import os
import select
import signal
import sys
import time
from pathlib import Path

GRACE_SECONDS = 10.0
"""How long the program may clean up after its work was killed, as long as it is busy."""
QUIET_SECONDS = 0.3
"""A program that did nothing for so long has cleaned up."""
END_SECONDS = 3.0

_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main(argv: list[str]) -> int:
    """Run the program to its end or ours; return its exit code, 128 + N after signal N."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    asked, wake = os.pipe()
    os.set_blocking(wake, False)
    for number in _HEARD:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(wake)
    program = _start(argv, libc)
    code = _watch(program, asked)
    if code is None:
        code = _end(program)
    _kill_rest()
    return code


def _start(argv: list[str], libc: ctypes.CDLL) -> int:
    program = os.fork()
    if program:
        return program
    try:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number in _HEARD:
            signal.signal(number, signal.SIG_DFL)
        os.execv(argv[0], argv)  # noqa: S606 - a list of arguments, no shell
    finally:
        os._exit(127)


def _watch(program: int, asked: int) -> int | None:
    """Return the program's exit code, or None when it is to be ended."""
    while True:
        ready, _, _ = select.select([0, asked], [], [])
        signals = os.read(asked, 512) if asked in ready else b""
        code = _reap(program)
        if code is not None:
            return code
        if 0 in ready and not os.read(0, 512):
            return None
        if signal.SIGUSR1 in signals:
            _kill(program, signal.SIGKILL)
        if set(signals) - {signal.SIGCHLD, signal.SIGUSR1}:
            return None


def _reap(program: int) -> int | None:
    """Collect whoever has ended; return the program's exit code if it has."""
    code = None
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if not child:
            return code
        if child == program:
            code = os.waitstatus_to_exitcode(status)
            code = code if code >= 0 else 128 - code


def _end(program: int) -> int:
    name = _name(program)
    work = [process for process in _below(os.getpid()) if _name(process) != name]
    for process in work:
        _kill(process, signal.SIGKILL)
    code = _await(program, GRACE_SECONDS, quiet=QUIET_SECONDS) if work else None
    if code is None:
        _kill(program, signal.SIGTERM)
        code = _await(program, END_SECONDS)
    if code is None:
        _kill(program, signal.SIGKILL)
        code = _await(program, END_SECONDS)
    return 128 + signal.SIGKILL if code is None else code


def _await(program: int, seconds: float, *, quiet: float = math.inf) -> int | None:
    """Return the exit code; None after so many seconds, or after ``quiet`` ones of idleness."""
    end = time.monotonic() + seconds
    used, busy = -1, time.monotonic()
    while (now := time.monotonic()) < end and now - busy < quiet:
        code = _reap(program)
        if code is not None:
            return code
        if quiet < math.inf:
            before, used = used, _cpu_ticks(program)
            busy = now if used != before or _is_held_up(program) else busy
        time.sleep(0.005)
    return None


def _cpu_ticks(process: int) -> int:
    """Return the processor time a process has used so far (proc(5), fields 14 and 15)."""
    fields = _read(f"/proc/{process}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13]))


def _is_held_up(process: int) -> bool:
    """Tell whether a thread runs or waits for the disk, or the process for a file's lock."""
    threads = Path(f"/proc/{process}/task").glob("*/stat")
    states = {_read(str(path)).rpartition(")")[2][1:2] for path in threads}
    waiting = (line.split() for line in _read("/proc/locks").splitlines() if "->" in line)
    return bool(states & {"R", "D"}) or str(process) in {fields[5] for fields in waiting}


def _kill_rest() -> None:
    """Kill every descendant; the orphans among them come to us and are seen next time."""
    end = time.monotonic() + END_SECONDS
    while time.monotonic() < end:
        left = _below(os.getpid())
        for process in left:
            _kill(process, signal.SIGKILL)
        _reap(0)
        if not left:
            return
        time.sleep(0.005)


def _below(top: int) -> list[int]:
    """Return all descendants of a process that have not ended."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (facts := _facts(int(entry.name))) and facts[1] != "Z":
            children.setdefault(int(facts[2]), []).append(int(entry.name))
    found, queue = [], [top]
    while queue:
        queue += (below := children.get(queue.pop(), []))
        found += below
    return found


def _name(process: int) -> str:
    facts = _facts(process)
    return facts[0] if facts else ""


def _facts(process: int) -> tuple[str, str, str] | None:
    """Return name, state and parent of a process (proc(5), /proc/pid/stat)."""
    text = _read(f"/proc/{process}/stat")
    if not text:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    state, parent = rest.split()[:2]
    return name, state, parent


def _read(path: str) -> str:
    """Return a file of /proc, empty when the process is gone."""
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""


def _kill(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

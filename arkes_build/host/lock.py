"""Let one command at a time change the machine, and tell the next one who is at it."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.host.machine import Host

_LOCKS = Path("/proc/locks")
"""All locks of files; the sixth word is device and inode (proc(5))."""
_FILE = 5
_LONGEST = 4096
_PROGRAM_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who changes the machine: process, what it does, for whom, since when (since 1970)."""

    pid: int
    doing: str
    user: str
    since: int

    def __str__(self) -> str:
        """Return it in words."""
        began = time.strftime("%H:%M:%S", time.localtime(self.since))
        who = f" for {self.user}" if self.user else ""
        return f"`os {self.doing}` (process {self.pid}{who}, since {began})"


class HostBusy(ArkesError):
    """Report that another command is changing the machine."""

    exit_code = ExitCode.STORE_BUSY

    def __init__(self, holder: Holder | None) -> None:
        who = str(holder) if holder else "another command"
        super().__init__(
            f"{who} is changing this machine",
            resolution="wait until it has ended; `os status` and other questions need not wait",
        )
        self.holder = holder


def lock_path(host: Host) -> Path:
    """Return the file that is locked."""
    return host.run / "os.lock"


@contextmanager
def held(host: Host, *, doing: str) -> Iterator[None]:
    """Hold the machine's lock while the block runs; raises ``HostBusy`` at once.

    ``doing`` is the name of the command. The kernel frees the lock however we end.
    """
    path = lock_path(host)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never removed: a second process might hold the removed one while a third makes a new one.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HostBusy(_parsed(os.pread(descriptor, _LONGEST, 0))) from None
        _write(descriptor, _myself(host, doing))
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(host: Host) -> Holder | None:
    """Return who changes the machine now; None when nobody does.

    The lock itself is not tried: whoever did would be in the way of one who begins just then.
    """
    path = lock_path(host)
    try:
        inode = path.stat().st_ino
        held_now = _LOCKS.read_text("utf-8")
        text = path.read_bytes()[:_LONGEST]
    except OSError:
        return None
    mine = (line.split() for line in held_now.splitlines() if " FLOCK " in line)
    is_held = any(
        words[_FILE].rpartition(":")[2] == str(inode) for words in mine if len(words) > _FILE
    )
    return _parsed(text) if is_held else None


def _myself(host: Host, doing: str) -> Holder:
    return Holder(
        pid=os.getpid(), doing=doing[:_PROGRAM_LENGTH], user=_user(), since=int(host.clock())
    )


def _user() -> str:
    """Return who called sudo or pkexec, as far as they say so."""
    name = os.environ.get("SUDO_USER", "")
    with suppress(KeyError, ValueError, OverflowError):
        name = name or pwd.getpwuid(int(os.environ["PKEXEC_UID"])).pw_name
    return name if name.isprintable() else ""


def _write(descriptor: int, mine: Holder) -> None:
    os.ftruncate(descriptor, 0)
    # On a full disk nobody learns who holds it; to make room there must go on.
    with suppress(OSError):
        os.pwrite(descriptor, json.dumps(asdict(mine)).encode(), 0)


def _parsed(text: bytes) -> Holder | None:
    try:
        value = json.loads(text)
        since = int(value["since"])
        time.localtime(since)
        return Holder(
            pid=int(value["pid"]),
            doing=str(value["doing"]),
            user=str(value["user"]),
            since=since,
        )
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None

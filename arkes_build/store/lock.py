"""Let one run at a time write to a store, and let the next one know who it waits for."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from arkes_build.store.errors import StoreBusy
from arkes_build.store.model import Holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMMAND_LENGTH = 200
"""Characters of a command line that are kept for people to read."""


@contextmanager
def held(
    path: Path, *, on_wait: Callable[[Holder | None], None], wait: bool = True
) -> Iterator[None]:
    """Hold the lock at ``path`` while the block runs.

    When another process has it, ``on_wait`` is called once with its holder (None when
    the holder has not yet written who it is), and then this waits; without ``wait``
    it raises ``StoreBusy``. The kernel frees the lock when the holder ends in any way.
    """
    # Never removed: a second process might hold the removed one while a third makes a new one.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(descriptor)
            if not wait:
                raise StoreBusy(path.parent, holder) from None
            on_wait(holder)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        _write(descriptor, _myself())
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _myself() -> Holder:
    words = (char if char.isprintable() else " " for char in " ".join(sys.argv))
    return Holder(pid=os.getpid(), command="".join(words)[:COMMAND_LENGTH], since=int(time.time()))


def _write(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    # On a full disk nobody learns who holds it; to make room there must go on.
    with suppress(OSError):
        os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)


def _read(descriptor: int) -> Holder | None:
    try:
        value = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(
            pid=int(value["pid"]), command=str(value["command"]), since=int(value["since"])
        )
    except (ValueError, TypeError, KeyError):
        return None

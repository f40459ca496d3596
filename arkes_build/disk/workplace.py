"""Work in a folder beside the result, and take away what killed runs left of theirs."""

from __future__ import annotations

import array
import fcntl
import os
import shutil
import signal
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = ".arkes-disk-"
_GETFLAGS, _SETFLAGS = 0x80086601, 0x40086602
"""ioctl_iflags(2), on machines with 64 bits."""
_IMMUTABLE = 0x10
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """Give a private folder in ``parent`` for as long as the block runs.

    It is locked by this process; one that nobody locks is what a killed run left, and goes.
    The folder's maker holds ``parent`` until its own is locked, so that none is taken for
    left over in between.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with _held(parent):
        for left in sorted(parent.glob(f"{PREFIX}*")):
            with suppress(OSError), _held(left, wait=False):
                remove(left)
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = _lock(path, wait=True)
    try:
        yield path
    finally:
        with _undisturbed():
            remove(path)
            os.close(lock)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second Ctrl-C, or a second SIGTERM, wait until what the first began is done.

    Handlers, because a mask is one thread's alone and the system may choose another; Python
    calls them in the main thread only, so elsewhere there is nothing to hold back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: object) -> None:
        came.append(number)

    before = {one: signal.signal(one, note) for one in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def remove(folder: Path) -> None:
    """Remove a folder, with what libostree made immutable in it."""
    for place, _folders, _names in os.walk(folder):
        _set_mutable(place)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path, *, wait: bool = True) -> Iterator[None]:
    descriptor = _lock(folder, wait=wait)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path, *, wait: bool) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _set_mutable(folder: str) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            flags = array.array("L", [0])
            fcntl.ioctl(descriptor, _GETFLAGS, flags)
            if flags[0] & _IMMUTABLE:
                flags[0] &= ~_IMMUTABLE
                fcntl.ioctl(descriptor, _SETFLAGS, flags)
        finally:
            os.close(descriptor)

"""Have a folder of one's own for a while, and take away what killed runs left of theirs."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_OLD_SECONDS = 3600
"""A younger one may be about to be locked by who made it."""


class Scratch:
    """A private folder under that for temporary files; ``close`` removes it.

    It is locked as long as this process lives, so that a later run knows whether it may
    remove it: only links and public keys are in such folders, but there could be many.
    """

    def __init__(self, prefix: str, parent: str | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sweep(self.path.parent, prefix)

    def close(self) -> None:
        """Remove the folder; calling it again does nothing."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def _sweep(parent: Path, prefix: str) -> None:
    """Remove old folders of ours that nobody holds any more."""
    for path in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    state = path.lstat()
    if state.st_uid != os.geteuid() or time.time() - state.st_mtime < _OLD_SECONDS:
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)

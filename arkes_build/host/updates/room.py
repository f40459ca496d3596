"""Find out whether a release fits before anything of it is fetched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.host.updates.errors import NoRoom

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.host.updates.outlook import Outlook

KEPT_FREE = 0.03
"""Part of the file system that libostree leaves free (``core.min-free-space-percent``)."""
FOLDERS = 16 << 20
"""Bytes that a deployment's own directories take, and its /etc; its files are hard links."""


def must_fit(repository: Path, outlook: Outlook) -> None:
    """Raise ``NoRoom`` when it is known that a release does not fit."""
    if outlook.is_here or outlook.cost.disk is None:
        return
    packed = outlook.cost.download or 0 if outlook.cost.by_delta else 0
    needed = outlook.cost.disk + packed + FOLDERS
    free = free_bytes(repository)
    if needed > free:
        raise NoRoom(outlook.after, needed=needed, free=free)


def free_bytes(repository: Path) -> int:
    """Return how many bytes libostree may still write."""
    state = os.statvfs(repository)
    kept = int(state.f_blocks * state.f_frsize * KEPT_FREE)
    return max(0, state.f_bavail * state.f_frsize - kept)

"""Say what stands at a path, and whether two files have the same bytes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = 1 << 16
_IGNORED = ("security.selinux", "security.ima", "security.evm")
"""Extended attributes that the kernel's policies give, and not people."""


class Sort(Enum):
    """Say what something is."""

    FILE = "file"
    LINK = "link"
    FOLDER = "directory"
    OTHER = "special file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What stands at a path; ``target`` is where a link leads, ``mode`` has no kind in it.

    ``xattrs`` are pairs of name and value, sorted; ``size`` is only that of a file.
    """

    sort: Sort
    mode: int
    uid: int
    gid: int
    size: int = 0
    target: str = ""
    xattrs: tuple[tuple[str, bytes], ...] = ()


def thing(path: Path) -> Thing | None:
    """Return what stands at a path, None when there is nothing. Links are not followed."""
    try:
        state = path.lstat()
        sort = sort_of(state.st_mode)
        return Thing(
            sort=sort,
            mode=stat.S_IMODE(state.st_mode),
            uid=state.st_uid,
            gid=state.st_gid,
            size=state.st_size if sort is Sort.FILE else 0,
            target=str(path.readlink()) if sort is Sort.LINK else "",
            xattrs=_xattrs(path),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None


def sort_of(mode: int) -> Sort:
    """Return what a mode with its kind (``st_mode``) is that of."""
    if stat.S_ISREG(mode):
        return Sort.FILE
    if stat.S_ISDIR(mode):
        return Sort.FOLDER
    return Sort.LINK if stat.S_ISLNK(mode) else Sort.OTHER


def _xattrs(path: Path) -> tuple[tuple[str, bytes], ...]:
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return ()  # a file system without any
    return tuple(
        (name, os.getxattr(path, name, follow_symlinks=False))
        for name in sorted(names)
        if name not in _IGNORED
    )


def same_bytes(one: Path, other: Path) -> bool | None:
    """Tell whether two regular files say the same; None when one of them may not be read."""
    try:
        with one.open("rb") as first, other.open("rb") as second:
            while True:
                left, right = first.read(_PIECE), second.read(_PIECE)
                if left != right:
                    return False
                if not left:
                    return True
    except OSError:
        return None

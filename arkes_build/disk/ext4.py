"""Make an ext4 file system of a folder's files, the same bytes from the same files."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.disk import tools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.disk.model import Partition

_DOING = "making the ext4 file system"
_MINDS_EPOCH = (1, 47, 1)
"""From here on mke2fs takes SOURCE_DATE_EPOCH as the newest time that a file may have."""
_ROOT, _FIRST = 2, 11
"""The root folder's inode, and the first that is no reserved one (``lost+found``)."""


def make(
    image: Path, folder: Path, partition: Partition, *, timestamp: int, hash_seed: str
) -> None:
    """Write the file system of ``folder``'s files into the new file ``image``.

    mke2fs reads the folder in the order of names; owners, modes, extended attributes and
    hard links come along. Raises what ``tools.run`` raises.
    """
    _settle_sources(folder, timestamp)
    tools.new_file(image, partition.size)
    settled = f"hash_seed={hash_seed},lazy_itable_init=0,lazy_journal_init=0"
    argv = ["mkfs.ext4", "-q", "-F", "-m", "1", "-L", "root", "-U", partition.uuid]
    argv += ["-E", settled, "-d", str(folder), str(image)]
    env = {"SOURCE_DATE_EPOCH": str(timestamp), "E2FSPROGS_FAKE_TIME": str(timestamp)}
    tools.run(argv, doing=_DOING, at=image, env=env)
    said = process.run(["mkfs.ext4", "-V"], check=False)
    if tools.version(said.errors + said.output) < _MINDS_EPOCH:
        _settle_times(image, timestamp)


def _settle_sources(folder: Path, timestamp: int) -> None:
    """Give what was written just now the release's time; the store's files share their own."""
    for place, folders, names in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in (*folders, *names))):  # noqa: PTH118 - texts
            state = os.lstat(path)
            if state.st_mtime > timestamp and (state.st_nlink == 1 or stat.S_ISDIR(state.st_mode)):
                os.utime(path, (timestamp, timestamp), follow_symlinks=False)


def _settle_times(image: Path, timestamp: int) -> None:
    """Give every inode one time: an older mke2fs copies when a file was last read and changed."""
    fields = ("atime", "ctime")
    lines = [
        f"set_inode_field <{inode}> {field} @{timestamp}\n"
        for inode in _used(image)
        for field in fields
    ]
    argv = ["debugfs", "-w", "-f", "-", str(image)]
    env = {"E2FSPROGS_FAKE_TIME": str(timestamp)}
    tools.run(argv, doing=_DOING, at=image, env=env, stdin="".join(lines))


def _used(image: Path) -> Iterator[int]:
    """Give the inodes in use, from what dumpe2fs says is free in each group."""
    said = tools.run(["dumpe2fs", str(image)], doing=_DOING, at=image).output
    head, _, groups = said.partition("\nGroup 0:")
    count = re.search(r"^Inode count:\s+(\d+)$", head, re.MULTILINE)
    free = bytearray(int(count[1]) + 1 if count else 1)
    for line in re.findall(r"^  Free inodes: (.*)$", groups, re.MULTILINE):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", line):
            begin, end = int(first), int(last or first) + 1
            free[begin:end] = b"\1" * (end - begin)
    yield _ROOT
    yield from (inode for inode in range(_FIRST, len(free)) if not free[inode])

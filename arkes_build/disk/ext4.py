"""Make an ext4 file system of a folder's files, the same bytes from the same files."""

from __future__ import annotations

import os
import re
import shutil
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
    with tools.told(image, doing=_DOING):
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
    """Give what was written just now the release's time; OSTree's own time is 0 and stays.

    A file that shares its time with the store's (links, what describes folders) is first
    replaced by a copy, under all the names that it has in ``folder``.
    """
    shared: dict[int, list[str]] = {}
    for path, state in _everything(folder):
        if state.st_nlink > 1 and state.st_mtime != 0 and not stat.S_ISDIR(state.st_mode):
            shared.setdefault(state.st_ino, []).append(path)
    for first, *others in shared.values():
        _copy_apart(first, others)
    copied = {first for first, *_ in shared.values()}
    for path, state in _everything(folder):
        is_alone = state.st_nlink == 1 or stat.S_ISDIR(state.st_mode) or path in copied
        if is_alone and state.st_mtime not in (0, timestamp):
            os.utime(path, (timestamp, timestamp), follow_symlinks=False)


def _everything(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for place, folders, names in os.walk(folder):
        for path in (place, *(f"{place}/{name}" for name in (*folders, *names))):
            yield path, os.lstat(path)


def _copy_apart(first: str, others: list[str]) -> None:
    state = os.lstat(first)
    copy = f"{first}.new"
    shutil.copyfile(first, copy, follow_symlinks=False)
    os.chown(copy, state.st_uid, state.st_gid, follow_symlinks=False)
    shutil.copystat(first, copy, follow_symlinks=False)
    os.replace(copy, first)  # noqa: PTH105 - names are texts here, which is faster
    for other in others:
        os.link(first, copy, follow_symlinks=False)
        os.replace(copy, other)  # noqa: PTH105 - as above


def _settle_times(image: Path, timestamp: int) -> None:
    """Set the times that an older mke2fs copies: when every file was last read and changed."""
    lines = [
        f"set_inode_field <{inode}> {field} @{timestamp}\n"
        for inode in _used(image)
        for field in ("atime", "ctime")
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

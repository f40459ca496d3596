"""End a transaction so that a power cut leaves the old refs or the new ones, all complete.

libostree collects the objects of a transaction in a staging folder. It then calls ``syncfs``,
moves the objects to their names, syncs the folders and writes the refs. So no object is synced
by itself, and yet a name in ``objects/`` always has its content behind it. To turn fsync off
and call ``syncfs`` after the moving would not be the same: a power cut between the two leaves
good names without content, which the next commit takes for objects that it need not write.

But ``syncfs`` also waits for what everybody else wrote, and a build next to us writes
gigabytes. So a small transaction goes the same way with its own few files synced instead
(many at once: the journal then takes them together). Either way refs come last.

libostree moves the objects in no order, so a kill in between would leave a commit without all
of its tree. Commits (and their signatures) therefore wait in a folder of their own until all
other objects have their names.

A killed run leaves a staging folder; in the same boot libostree continues with it (its files
appear with their whole content or not at all), and after another it removes it. A commit in
it is followed by all it needs, there or in ``objects``. Commits that waited when the run was
killed are made again, by whoever wants them.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FEW = 400
"""Most objects that are synced one by one."""
_AT_ONCE = 8
_WAITING = "arkes-waiting"
"""Folder in ``tmp`` of the commits that wait."""


def finish(repo: Any, path: Path, refs: Mapping[str, str]) -> None:
    """Make the open transaction of the repository at ``path`` durable, then write the refs."""
    waiting = _commits_aside(path)
    staged = list(islice(_staged(path), FEW + 1))
    if len(staged) > FEW or repo.get_disable_fsync():
        repo.commit_transaction(None)
    else:
        _sync(_synced_files(staged))
        repo.set_disable_fsync(True)
        try:
            repo.commit_transaction(None)
        finally:
            repo.set_disable_fsync(False)
        objects = path / "objects"
        _sync({objects, *(objects / file.parent.name for file in staged)})
    _put_commits(path, waiting)
    for ref, commit in sorted(refs.items()):
        repo.set_ref_immediate(None, ref, commit, None)


def _commits_aside(path: Path) -> list[Path]:
    """Move staged commits, and what is said beside them, to where they wait; return them."""
    folder = path / "tmp" / _WAITING
    shutil.rmtree(folder, ignore_errors=True)
    moved = []
    for file in sorted(path.glob("tmp/staging-*/??/*.commit*")):
        there = folder / file.parent.name / file.name
        there.parent.mkdir(parents=True, exist_ok=True)
        moved.append(file.rename(there))
    return moved


def _put_commits(path: Path, waiting: Iterable[Path]) -> None:
    """Give the waiting commits their names: what is said of a commit (.commitmeta) first."""
    files = sorted(waiting, key=lambda file: (file.suffix == ".commit", file.name))
    _sync(files)
    folders = {path / "objects"}
    for file in files:
        folder = path / "objects" / file.parent.name
        folder.mkdir(exist_ok=True)
        file.rename(folder / file.name)
        folders.add(folder)
    shutil.rmtree(path / "tmp" / _WAITING, ignore_errors=True)
    _sync(folders)


def _staged(path: Path) -> Iterator[Path]:
    """Give the objects of all staging folders: also what a killed run left is moved with ours."""
    for folder in path.glob("tmp/staging-*/??"):
        yield from folder.iterdir()


def _synced_files(staged: Iterable[Path]) -> set[Path]:
    """Return what to sync: files, and the folders that hold them and the links."""
    files = [file for file in staged if not file.is_symlink()]
    return {*files, *(file.parent for file in staged)}


def _sync(paths: Iterable[Path]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _done in pool.map(_sync_one, paths):
            pass


def _sync_one(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # a folder of objects that were all there already
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

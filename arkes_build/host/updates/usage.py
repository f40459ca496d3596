"""Count what deployments take on the disk: an object that several have is counted as shared.

A deployment's files are hard links to objects, so what counts are objects, and the blocks that
each has. Its /etc is a copy of its own.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.history.commits import History

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.history.trees import Root, Trees
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment

_BLOCK = 512
_ENDINGS = ("file", "dirtree", "dirmeta", "commit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a deployment takes, in bytes on the disk.

    ``own`` is what would be free without it, ``shared`` what others have as well, ``etc``
    its copy of /etc.
    """

    deployment: Deployment
    own: int
    shared: int
    etc: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What all of it takes, in bytes on the disk; ``var`` is None when nobody asked.

    ``unneeded`` are objects of the repository that no deployment has.
    """

    deployments: tuple[Use, ...]
    repository: int
    unneeded: int
    free: int
    total: int
    var: int | None = None


def usage(host: Host, deployments: Sequence[Deployment], *, with_var: bool = False) -> Usage:
    """Count what deployments take; ``with_var`` walks through all of /var, which may take long."""
    history = History(host.repo)
    sizes = object_sizes(host.repo)
    commits = dict.fromkeys(each.checksum for each in deployments)
    sets = {commit: objects(history, commit) for commit in commits}
    count = Counter(name for commit in commits for name in sets[commit])
    state = os.statvfs(host.repo)
    return Usage(
        deployments=tuple(
            Use(
                deployment=each,
                own=sum(sizes.get(name, 0) for name in sets[each.checksum] if count[name] == 1),
                shared=sum(sizes.get(name, 0) for name in sets[each.checksum] if count[name] > 1),
                etc=folder_bytes(each.path / "etc"),
            )
            for each in deployments
        ),
        repository=sum(sizes.values()),
        unneeded=sum(taken for name, taken in sizes.items() if name not in count),
        free=state.f_bavail * state.f_frsize,
        total=state.f_blocks * state.f_frsize,
        var=folder_bytes(host.root / "var") if with_var else None,
    )


def objects(history: History, commit: str) -> set[str]:
    """Return the names of all objects of a commit: ``CHECKSUM.file``, ``.dirtree`` and so on."""
    root = history.commit(commit).root
    found = {f"{commit}.commit", f"{root.tree}.dirtree", f"{root.meta}.dirmeta"}
    _collect(history.trees, root, found)
    return found


def _collect(trees: Trees, root: Root, found: set[str]) -> None:
    waiting, seen = [root.tree], {root.tree}
    while waiting:
        folder = trees.folder(waiting.pop())
        found.update(f"{checksum}.file" for checksum in folder.files.values())
        for tree, meta in folder.folders.values():
            found.add(f"{meta}.dirmeta")
            if tree not in seen:
                seen.add(tree)
                found.add(f"{tree}.dirtree")
                waiting.append(tree)


def object_sizes(repository: Path) -> dict[str, int]:
    """Return the bytes on the disk of each object of a bare repository, by its name."""
    return dict(_sizes(repository))


def _sizes(repository: Path) -> Iterator[tuple[str, int]]:
    with os.scandir(repository / "objects") as folders:
        names = sorted(folder.name for folder in folders if folder.is_dir(follow_symlinks=False))
    for name in names:
        with os.scandir(repository / "objects" / name) as entries:
            for entry in entries:
                if entry.name.rpartition(".")[2] in _ENDINGS:
                    yield name + entry.name, entry.stat(follow_symlinks=False).st_blocks * _BLOCK


def folder_bytes(top: Path) -> int:
    """Return what is in a folder takes on the disk, each inode once; not on other file systems."""
    seen: set[int] = set()
    total, waiting = 0, [top]
    try:
        device = top.lstat().st_dev
    except OSError:
        return 0
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    state = entry.stat(follow_symlinks=False)
                    if state.st_dev != device or state.st_ino in seen:
                        continue
                    seen.add(state.st_ino)
                    total += state.st_blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
        except OSError:
            continue  # closed to us, or gone meanwhile
    return total

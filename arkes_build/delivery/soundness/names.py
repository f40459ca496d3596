"""Read what names commits in a repository: every ref, and marks of partial commits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.delivery.soundness.damage import Damage, Kind, Thing
from arkes_build.store.refs import CHECKSUM, LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.delivery.soundness.scan import Seen

_FOLDERS = ("heads", "remotes", "mirrors")
_LENGTH = 64
_BY_FSCK = b"f"
"""What libostree's fsck writes into the mark of a commit it took objects from."""


def refs(repository: Path) -> dict[str, str]:
    """Return path (``refs/heads/NAME``) → what the file holds, or empty; sorted."""
    return dict(sorted(_refs(repository)))


def _refs(repository: Path) -> Iterator[tuple[str, str]]:
    for top in _FOLDERS:
        for folder, _inner, names in os.walk(repository / "refs" / top):
            for name in names:
                path = os.path.join(folder, name)  # noqa: PTH118 - os.walk gives texts
                if not name.startswith("."):
                    yield os.path.relpath(path, repository), _held(path)


def _held(path: str) -> str:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - os.walk gives texts
            text = stream.read(_LENGTH + 16)
    except OSError:
        return ""
    return text.decode("ascii", "replace").rstrip("\n")


def shown(path: str) -> str:
    """Return a ref as people say it: without the folders that are the same for all."""
    return path.removeprefix("refs/heads/").removeprefix("refs/")


def is_layer(path: str) -> bool:
    """Tell whether a ref holds a layer."""
    return path.startswith(f"refs/heads/{LAYERS}/")


def ref_damages(found: Mapping[str, str], seen: Seen) -> list[Damage]:
    """Return the refs that name no commit, or one that is not there."""
    damages = []
    for path, commit in found.items():
        if not CHECKSUM.fullmatch(commit):
            what = "it holds no checksum"
        elif not seen.has(Thing(Kind.COMMIT, commit)):
            what = f"it names the commit {commit}, which is not there"
        else:
            continue
        users = () if is_layer(path) else (shown(path),)
        damages.append(Damage(kind=Kind.REF, name=path, what=what, users=users))
    return damages


def partial(repository: Path) -> frozenset[str]:
    """Return the commits that are meant to lack a part of their tree, as after a shallow pull."""
    marks = sorted((repository / "state").glob("*.commitpartial"))
    return frozenset(mark.stem for mark in marks if not _is_by_fsck(mark))


def _is_by_fsck(mark: Path) -> bool:
    try:
        return mark.read_bytes()[:1] == _BY_FSCK
    except OSError:
        return False

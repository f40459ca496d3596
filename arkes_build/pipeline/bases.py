"""Keep the tree of a release ready for podman to build on: one folder for each release.

`BASES/COMMIT` has the shelf with the release's image, podman's storage for what is built on
it, and the storage.conf that names both. Nothing in it is needed twice: when the release
goes, all of it goes, the images of a machine's earlier builds with it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.bootstrap.ostree import lay_out
from arkes_build.core.atomic import write_atomically
from arkes_build.engine import shelf

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.engine.shelf import Premade
    from arkes_build.pipeline.ground import Ground

FORM = 1
"""Raise it when the same commit becomes another image: it is an input of every key."""
TAG = "localhost/arkes"
_NAME_LENGTH = 16
"""Digits of a commit in its folder's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A release's folder, and the storage.conf in it."""

    path: Path
    storage: Path


def image_of(ground: Ground) -> Premade:
    """Return the image that a release is for podman, whether it is there or not."""
    name = f"ostree commit {ground.commit}, form {FORM}"
    return shelf.premade((name, f"{name}, var"), arch=ground.arch, epoch=ground.epoch)


def prepare(bases: Path, ground: Ground, *, repository: Path, run: Path) -> Base:
    """Make a release ready, unless it is, and let all others go.

    ``repository`` is the OSTree repository that has it; ``run`` is a folder that a restart
    empties. With the repository on the same mount as ``bases`` no file is copied. Raises what
    ``lay_out`` raises.
    """
    name = ground.commit[:_NAME_LENGTH]
    forget(bases, but=name)
    path = bases / name
    if not shelf.is_whole(path / "shelf"):
        shutil.rmtree(path, ignore_errors=True)
        tree = lay_out(repository, ground.commit, path / "new")
        tag = f"{TAG}:{ground.node}"
        shelf.put(path / "shelf", image_of(ground), (tree.tree, tree.var), tag=tag)
        shutil.rmtree(path / "new", ignore_errors=True)
    storage = path / "storage.conf"
    text = shelf.settings(path / "shelf", storage=path / "storage", run=run / name)
    write_atomically(storage, text.encode())
    return Base(path=path, storage=storage)


def forget(bases: Path, *, but: str = "") -> None:
    """Remove the folders of all releases but one."""
    if not bases.is_dir():
        return
    for path in sorted(bases.iterdir()):
        if path.name != but:
            shutil.rmtree(path, ignore_errors=True)

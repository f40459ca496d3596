"""Make a first tree of an OSTree commit: nothing is copied where hard links can be made.

A commit has the form that OSTree deploys: `/etc` is in `/usr/etc`, `/var` is empty. Package
tools need the other form. So the tree comes in two parts, which lie upon each other as the
layers of an image do: `tree` is the commit with `/etc` in its place, `var` what the commit's
own tmpfiles.d says is in `/var`, folders and links.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.bootstrap.errors import tool_failure
from arkes_build.bootstrap.tmpfiles import Made, entries
from arkes_build.core import process
from arkes_build.core.errors import ProcessFailed

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("tree", "var")
"""From the lowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The folders of the two parts."""

    tree: Path
    var: Path


def lay_out(repository: Path, commit: str, folder: Path) -> Tree:
    """Write the tree of a commit into an empty folder, in two parts; return them.

    ``repository`` is of mode bare. On the same mount its files are linked, else copied: the
    parts are to be read and never to be written to. Raises ``BootstrapFailed`` or one of its
    kinds, ``ToolMissing`` without ostree(1).
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = Tree(tree=folder / PARTS[0], var=folder / PARTS[1])
    argv = ["ostree", f"--repo={repository}", "checkout", "--fsync=no", commit, str(made.tree)]
    try:
        process.run(argv)
    except ProcessFailed as error:
        raise tool_failure("ostree", error.tail.splitlines()) from error
    _move_etc(made.tree)
    _make_var(made)
    return made


def _move_etc(tree: Path) -> None:
    etc = tree / "etc"
    if (tree / "usr/etc").is_dir() and not etc.exists():
        mode = tree.stat().st_mode
        (tree / "usr/etc").replace(etc)
        tree.chmod(mode)


def _make_var(made: Tree) -> None:
    """Make `/var` of the second part; a commit without the folder gets none."""
    there = made.tree / "var"
    made.var.mkdir()
    shutil.copystat(made.tree, made.var)
    if not there.is_dir() or there.is_symlink():
        return
    for entry in entries(made.tree):
        _make(made.var, entry)


def _make(root: Path, entry: Made) -> None:
    path = root / entry.path
    if os.path.lexists(path):
        return
    if entry.target is not None:
        path.symlink_to(entry.target)
        os.chown(path, entry.uid, entry.gid, follow_symlinks=False)
    else:
        path.mkdir()
        os.chown(path, entry.uid, entry.gid)
        path.chmod(entry.mode)
    os.utime(path, (0, 0), follow_symlinks=False)

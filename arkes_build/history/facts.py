"""Gather what a comparison needs to know of one tree, committed or about to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.history.model import Side
from arkes_build.history.view import View

if TYPE_CHECKING:
    from arkes_build.history.commits import CommitInfo
    from arkes_build.history.trees import Root, Trees
    from arkes_build.plan.state import Origin

_MODULES = "usr/lib/modules"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeFacts:
    """A tree and what is said of it; the texts of a tree without a commit are empty.

    ``packages`` are ``name[:arch]=version``; ``layers`` are its image's, from the lowest.
    """

    root: Root
    whole: Root | None = None
    """The tree with the ``/var`` that a deployable one lacks, where there may be a database."""
    packages: tuple[str, ...] = ()
    kernel: str = ""
    layers: tuple[Origin, ...] = ()
    commit: str = ""
    name: str = ""
    version: str = ""
    node: str = ""
    timestamp: int = 0

    @property
    def database(self) -> Root:
        """Return the tree to read the packages' own lists from."""
        return self.whole or self.root

    @property
    def side(self) -> Side:
        """Return what a comparison tells of it."""
        return Side(
            name=self.name,
            commit=self.commit,
            version=self.version,
            node=self.node,
            timestamp=self.timestamp,
            kernel=self.kernel,
        )


def committed(trees: Trees, info: CommitInfo, name: str = "") -> TreeFacts:
    """Return the facts of a commit; what it does not say of itself is read from its tree."""
    view = View(trees, info.root)
    return TreeFacts(
        root=info.root,
        packages=info.packages or installed(view),
        kernel=info.kernel or kernel_of(view),
        layers=info.layers,
        commit=info.checksum,
        name=name or info.checksum[:12],
        version=info.version,
        node=info.node,
        timestamp=info.timestamp,
    )


def installed(view: View) -> tuple[str, ...]:
    """Return the packages that the tree's database has, ``name[:arch]=version``, sorted."""
    from arkes_build.store.packages import packages

    return packages(view)


def kernel_of(view: View) -> str:
    """Return the version of the kernel; of several the first, empty without one."""
    return next(
        (name for name in view.names(_MODULES) if view.file(f"{_MODULES}/{name}/vmlinuz")), ""
    )

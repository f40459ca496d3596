"""Hold a node that was built again against the one that is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.history.causes import Cause
from arkes_build.history.differences import Difference, Differences, What
from arkes_build.history.lines import Lines, layer_roots
from arkes_build.history.owners import owners
from arkes_build.history.packages import package_changes
from arkes_build.history.versions import dpkg_order, pacman_order
from arkes_build.history.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.model import PackageChange
    from arkes_build.history.trees import Change
    from arkes_build.plan.state import Record

MOST_PATHS = 200
"""Paths of one node that are looked into; the others are counted."""
_IDENTITY = "/usr/lib/os-release"
"""The one file that a node's key stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeComparison:
    """What became of one node: ``recorded`` and ``rebuilt`` are checksums of the content.

    ``paths`` counts what differs, ``inherited`` those of them that differ in the same way
    in a node below and are told there. ``differences`` tell of the others, of at most
    ``MOST_PATHS`` of them.
    """

    node: str
    commit: str
    recorded: str
    rebuilt: str
    packages: tuple[PackageChange, ...] = ()
    paths: int = 0
    inherited: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def is_same(self) -> bool:
        """Tell whether it came out the same."""
        return self.recorded == self.rebuilt


class Comparison:
    """Compare node by node, in the order of the build: what is told of one is not repeated."""

    def __init__(self, recorded: History, rebuilt: History) -> None:
        self._recorded = recorded
        self._rebuilt = rebuilt
        self._differences = Differences(recorded, rebuilt)
        self._told: set[Change] = set()

    def of(self, record: Record, made: Record) -> NodeComparison:
        """Return how a node came out; ``made`` is the record of its second build."""
        old, new = self._recorded.commit(record.commit), self._rebuilt.commit(made.commit)
        order = pacman_order if record.family == "arch" else dpkg_order
        common = NodeComparison(
            node=record.node,
            commit=record.commit,
            recorded=_content(self._recorded, old),
            rebuilt=_content(self._rebuilt, new),
            packages=package_changes(record.packages, made.packages, order),
        )
        if common.is_same:
            return common
        changes = list(self._differences.trees.changes(old.root, new.root))
        fresh = [change for change in changes if change not in self._told]
        self._told.update(fresh)
        found = list(self._differences.name(fresh[:MOST_PATHS]))
        found = self._owned(found, old, new)
        others = frozenset(package.name for package in common.packages)
        return replace(
            common,
            paths=len(changes),
            inherited=len(changes) - len(fresh),
            differences=tuple(
                _explained(one, others, follows=record.key != made.key) for one in found
            ),
        )

    def _owned(
        self, found: Iterable[Difference], old: CommitInfo, new: CommitInfo
    ) -> list[Difference]:
        """Say of each difference whose path it is, as the tree knows that has the path."""
        found = list(found)
        added = {one.path for one in found if one.what is What.ONLY_REBUILT}
        sides = (
            (self._recorded, old, {one.path for one in found} - added),
            (self._rebuilt, new, added),
        )
        packages: dict[str, str] = {}
        lines: dict[str, str] = {}
        for history, info, paths in sides:
            if paths:
                ordered = sorted(paths)
                packages |= owners(View(history.trees, info.root), ordered)
                roots = layer_roots(history, info.layers)
                lines |= Lines(history.trees, info.layers, roots).lines(ordered)
        return [
            replace(one, package=packages.get(one.path, ""), line=lines.get(one.path, ""))
            for one in found
        ]


def _content(history: History, commit: CommitInfo) -> str:
    """Return the checksum of a commit's content: equal for equal trees, whenever made."""
    from arkes_build.store.binding import binding, told

    with told(history.path.parent, doing="reading a commit"):
        loaded = history.repo.load_commit(commit.checksum)[1]
        return str(binding().ostree.commit_get_content_checksum(loaded))


def _explained(found: Difference, others: frozenset[str], *, follows: bool) -> Difference:
    """Say what only follows: from another version of its package, or from a node below."""
    if found.package in others:
        return replace(found, cause=Cause.PACKAGES)
    if follows and found.path == _IDENTITY:
        return replace(found, cause=Cause.FOLLOWS)
    return found

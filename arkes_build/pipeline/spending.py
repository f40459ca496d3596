"""Name the packages and lines that a tree's bytes, or an update's, were spent on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.history.lines import layer_roots
from arkes_build.history.model import Share
from arkes_build.history.owners import owners
from arkes_build.history.sizes import shares, sizes_of, tree_sizes
from arkes_build.history.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.trees import Root, Trees

Spent = tuple[str, "Sequence[Share]"]
"""A title, and what has spent how much, the largest first."""

NO_PACKAGE = "files of no package"
NO_LINE = "nobody knows which line"


def of_tree(history: History, trees: Trees, made: TreeFacts) -> list[Spent]:
    """Return the largest packages and lines of a tree."""
    sizes = tree_sizes(trees, made.root, made.layers, layer_roots(history, made.layers))
    return [
        ("largest packages:", _named(sizes.by_package(), NO_PACKAGE)),
        ("largest lines:", _named(sizes.by_line(), NO_LINE)),
    ]


def grown(trees: Trees, made: TreeFacts, before: CommitInfo) -> list[Spent]:
    """Return the packages that grew most since a release."""
    old, new = (_by_package(trees, root) for root in (before.root, made.root))
    more = (Share(name=n, files=0, size=size - old.get(n, 0)) for n, size in new.items())
    found = sorted((s for s in more if s.size > 0), key=lambda share: (-share.size, share.name))
    version = before.version or before.checksum[:12]
    return [(f"grew most since {version}:", _named(found, NO_PACKAGE))]


def of_update(history: History, trees: Trees, made: TreeFacts, before: CommitInfo) -> list[Spent]:
    """Return what the files that an update brings belong to."""
    files = {
        change.path: trees.size(change.after.checksum)
        for change in trees.changes(before.root, made.root)
        if change.after is not None and not change.after.is_folder
    }
    sizes = sizes_of(trees, made.root, files, made.layers, layer_roots(history, made.layers))
    return [
        ("changed files by package, not compressed:", _named(sizes.by_package(), NO_PACKAGE)),
        ("changed files by line:", _named(sizes.by_line(), NO_LINE)),
    ]


def _by_package(trees: Trees, root: Root) -> Mapping[str, int]:
    files = {p: trees.size(e.checksum) for p, e in trees.walk(root) if not e.is_folder}
    return {share.name: share.size for share in shares(files, owners(View(trees, root), files))}


def _named(shares: Iterable[Share], nobody: str) -> list[Share]:
    """Return shares with a name for what has none."""
    return [share if share.name else replace(share, name=nobody) for share in shares]

"""Weigh what a machine with one tree fetches for another: objects, a delta, or layers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.history.cost import Coster
from arkes_build.history.deltas import delta_bytes
from arkes_build.history.forecast import Cost
from arkes_build.history.layers import layer_bytes, new_layers, packed_bytes
from arkes_build.history.model import Download
from arkes_build.history.objects import new_objects

if TYPE_CHECKING:
    from arkes_build.history.commits import History
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.trees import Trees

QUICK = 1 << 20
"""Most bytes of new files that are all compressed by the way; of more it is estimated."""
_ALL = 1 << 62


def download(
    history: History,
    before: TreeFacts,
    after: TreeFacts,
    *,
    measure: bool = False,
    published: History | None = None,
) -> Download:
    """Return what the way from one tree to the other takes.

    With ``published`` the bytes of objects and delta are those that are served there, if it
    has them; with ``measure`` all is compressed to know. The commit's own object counts too.
    """
    trees = history.trees
    commit = _size(trees, after.commit, ".commit") if after.commit else 0
    cost = _served(history, published or history, before, after)
    if cost is None:
        exact = _ALL if measure else QUICK
        cost = Coster(trees, exact=exact).cost(before.root, after.root)
    pairs = new_layers(history, before, after)
    delta = None
    if before.commit and after.commit:
        delta = delta_bytes(published or history, before.commit, after.commit)
    return Download(
        objects=cost.objects + bool(commit),
        content_bytes=cost.content_bytes + commit,
        object_bytes=cost.object_bytes + commit,
        is_estimate=cost.is_estimate,
        delta_bytes=delta,
        layers=None if pairs is None else len(pairs),
        layer_bytes=None if pairs is None else layer_bytes(trees, pairs),
        layer_packed_bytes=packed_bytes(trees, pairs) if pairs is not None and measure else None,
    )


def _served(
    history: History, published: History, before: TreeFacts, after: TreeFacts
) -> Cost | None:
    """Return what the objects take where they are served; None if that one has not all."""
    if not published.trees.is_archive:
        return None
    objects = new_objects(history.trees, before.root, after.root)
    sizes = [published.trees.stored(checksum) for checksum in objects.files]
    if not all(sizes):
        return None
    # Directories and their metadata are never compressed.
    described = sum(_size(history.trees, one, ".dirtree") for one in objects.folders)
    described += sum(_size(history.trees, one, ".dirmeta") for one in objects.metadata)
    return Cost(
        objects=len(objects),
        content_bytes=described + sum(map(history.trees.size, objects.files)),
        object_bytes=described + sum(sizes),
    )


def _size(trees: Trees, checksum: str, ending: str) -> int:
    return os.stat(trees.path(checksum, ending)).st_size  # noqa: PTH116 - many: no Path for each

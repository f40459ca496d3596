"""Weigh what a machine with one tree fetches for another: objects, a delta, or layers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.history.cost import Coster
from arkes_build.history.deltas import delta_bytes
from arkes_build.history.layers import layer_bytes, new_layers, packed_bytes
from arkes_build.history.model import Download
from arkes_build.history.objects import new_objects

if TYPE_CHECKING:
    from arkes_build.history.commits import History
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.objects import Objects
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
    objects = new_objects(trees, before.root, after.root)
    count = len(objects) + bool(after.commit)
    commit = _size(trees, after.commit, ".commit") if after.commit else 0
    content = commit + _disk_bytes(trees, objects)
    served, is_estimate = _served(published or history, objects), False
    if served is None:
        coster = Coster(trees, exact=_ALL if measure else QUICK)
        cost = coster.cost(before.root, after.root)
        served, is_estimate = cost.object_bytes, cost.is_estimate
    pairs = new_layers(history, before, after)
    delta = None
    if before.commit and after.commit:
        delta = delta_bytes(published or history, before.commit, after.commit)
    return Download(
        objects=count,
        content_bytes=content,
        object_bytes=served + commit,
        is_estimate=is_estimate,
        delta_bytes=delta,
        layers=None if pairs is None else len(pairs),
        layer_bytes=None if pairs is None else layer_bytes(trees, pairs),
        layer_packed_bytes=packed_bytes(trees, pairs) if pairs is not None and measure else None,
    )


def _disk_bytes(trees: Trees, objects: Objects) -> int:
    return sum(map(trees.size, objects.files)) + _described_bytes(trees, objects)


def _described_bytes(trees: Trees, objects: Objects) -> int:
    """Return the bytes of directories and their metadata, which are never compressed."""
    return sum(_size(trees, one, ".dirtree") for one in objects.folders) + sum(
        _size(trees, one, ".dirmeta") for one in objects.metadata
    )


def _served(published: History, objects: Objects) -> int | None:
    """Return what these objects take where they are served; None if that one has not all."""
    trees = published.trees
    if not trees.is_archive:
        return None
    total = 0
    for checksum in objects.files:
        size = trees.stored(checksum)
        if not size:
            return None
        total += size
    try:
        return total + _described_bytes(trees, objects)
    except FileNotFoundError:
        return None


def _size(trees: Trees, checksum: str, ending: str) -> int:
    return os.stat(trees.path(checksum, ending)).st_size  # noqa: PTH116 - many: no Path for each

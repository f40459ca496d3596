"""Weigh the layers of an image that a machine with another image does not have."""

from __future__ import annotations

import stat
import tarfile
import zlib
from typing import TYPE_CHECKING

from arkes_build.history.lines import layer_roots
from arkes_build.history.view import Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.history.commits import History
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.trees import Change, Root, Trees

_LEVEL = 6
_GZIP = 31
"""zlib's way to say: gzip's header, the largest window."""

Pair = tuple["Root | None", "Root"]
"""The tree of a layer and of the one below it; None below the lowest."""


def new_layers(history: History, before: TreeFacts, after: TreeFacts) -> list[Pair] | None:
    """Return the layers that only ``after`` has; None when nobody knows, or one is gone."""
    if not after.layers or not before.layers:
        return None
    held = {one.chain_id for one in before.layers}
    wanted = [at for at, one in enumerate(after.layers) if one.chain_id not in held]
    needed = {near for at in wanted for near in (at - 1, at) if near >= 0}
    found = dict(
        zip(
            sorted(needed),
            layer_roots(history, [after.layers[at] for at in sorted(needed)]),
            strict=True,
        )
    )
    pairs = []
    for at in wanted:
        root = found[at]
        below = found.get(at - 1)
        if root is None or (at > 0 and below is None):
            return None
        pairs.append((below, root))
    return pairs


def layer_bytes(trees: Trees, pairs: list[Pair]) -> int:
    """Return the bytes of the files that layers bring."""
    return sum(
        trees.size(change.after.checksum)
        for below, root in pairs
        for change in trees.changes(below, root)
        if change.after is not None and not change.after.is_folder
    )


def packed_bytes(trees: Trees, pairs: list[Pair]) -> int:
    """Return what layers take as tar archives in gzip, as registries have them.

    Each is compressed as it would be pushed, so this takes as long as a push.
    """
    return sum(_packed(trees, trees.changes(below, root)) for below, root in pairs)


def _packed(trees: Trees, changes: Iterator[Change]) -> int:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    size = 0
    for change in changes:
        for data in _archived(Files(trees), change):
            size += len(packer.compress(data))
    return size + len(packer.flush())


def _archived(files: Files, change: Change) -> Iterator[bytes]:
    """Give a path's header and content as they stand in the archive of a layer."""
    above, _, name = change.path[1:].rpartition("/")
    info = tarfile.TarInfo(f"{above}/{name}".lstrip("/"))
    if change.after is None:
        # A file of this name says that there is none any more (image-spec, layer.md).
        info.name = f"{above}/.wh.{name}".lstrip("/")
        yield _header(info)
        return
    about = files.about(change.after)
    info.mode, info.uid, info.gid = stat.S_IMODE(about.mode), about.uid, about.gid
    if change.after.is_folder:
        info.type = tarfile.DIRTYPE
    elif about.target is not None:
        info.type, info.linkname = tarfile.SYMTYPE, about.target
    else:
        info.size = about.size
    yield _header(info)
    if info.size:
        yield from files.pieces(change.after.checksum)
        yield bytes(-info.size % tarfile.BLOCKSIZE)


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")

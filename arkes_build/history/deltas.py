"""Weigh the static delta between two commits, where a repository has one.

Its folder is ``deltas/`` and both checksums in base64 with ``_`` for ``/``, after the first
two characters a folder more (ostree-core.c, ``_ostree_get_relative_static_delta_path``). In
it are the superblock and the parts; objects that were too large are fetched by themselves
and named at the superblock's end (ostree-repo-static-delta-private.h).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.history.commits import History

_SUPERBLOCK = "(a{sv}tayay(a{sv}aya(say)sstayay)aya(uayttay)a(yaytt))"
_FALLBACK = 7
_FILE = 1
"""``OSTREE_OBJECT_TYPE_FILE``."""
_LARGEST = 64 << 20
_IS_TRUSTED = False


def delta_folder(repository: Path, before: str, after: str) -> Path:
    """Return the folder of the delta between two commits; ``before`` may be empty."""
    parts = [_written(one) for one in (before, after) if one]
    name = "-".join(parts)
    return repository / "deltas" / name[:2] / name[2:]


def delta_bytes(published: History, before: str, after: str) -> int | None:
    """Return what a machine fetches with the delta; None when there is none, or it is damaged."""
    folder = delta_folder(published.path, before, after)
    try:
        sizes = [file.stat().st_size for file in folder.iterdir() if file.is_file()]
        with (folder / "superblock").open("rb") as stream:
            superblock = stream.read(_LARGEST)
    except OSError:
        return None
    fallbacks = [published.trees.stored(checksum) for checksum in _fallbacks(superblock)]
    return sum(sizes) + sum(fallbacks) if all(fallbacks) else None


def _fallbacks(superblock: bytes) -> list[str]:
    glib = binding().glib
    made: Any = glib.Variant.new_from_bytes(
        glib.VariantType.new(_SUPERBLOCK), glib.Bytes.new(superblock), _IS_TRUSTED
    )
    listed = made.get_child_value(_FALLBACK)
    items = [listed.get_child_value(at) for at in range(listed.n_children())]
    return [
        bytes(item.get_child_value(1).get_data_as_bytes().get_data() or b"").hex()
        for item in items
        if item.get_child_value(0).get_byte() == _FILE
    ]


def _written(checksum: str) -> str:
    text = base64.b64encode(bytes.fromhex(checksum)).decode("ascii")
    return text.rstrip("=").replace("/", "_")

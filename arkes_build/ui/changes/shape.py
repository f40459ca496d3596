"""Give the comparison of two trees its JSON shape; ``ui/documents/changes.py`` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.ui.changes.words import summary
from arkes_build.ui.shapes import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.history.model import (
        Changes,
        Download,
        NameChange,
        PackageChange,
        PathChange,
        Share,
        Side,
    )
    from arkes_build.ui import documents
    from arkes_build.ui.documents import changes as typed


def changes_shape(changes: Changes) -> documents.DiffDocument:
    """Return the comparison with every list whole."""
    return {
        "schema": SCHEMA,
        "type": "diff",
        "before": _side(changes.before),
        "after": _side(changes.after),
        "summary": summary(changes),
        "packages": package_shapes(changes.packages),
        "etc": list(map(_path, changes.etc)),
        "units": name_shapes(changes.units),
        "users": name_shapes(changes.users),
        "kernel_arguments": name_shapes(changes.kernel_arguments),
        "files": list(map(_path, changes.files)),
        "by_package": list(map(_share, changes.by_package)),
        "by_line": list(map(_share, changes.by_line)),
        "download": _download(changes.download),
    }


def package_shapes(changes: Iterable[PackageChange]) -> list[typed.PackageChange]:
    """Return changed packages, as every document has them."""
    return [
        {"name": one.name, "before": one.before, "after": one.after, "kind": one.kind.value}
        for one in changes
    ]


def name_shapes(changes: Iterable[NameChange]) -> list[typed.NameChange]:
    """Return changed names (units, users, arguments), as every document has them."""
    return [{"name": one.name, "kind": one.kind.value, "detail": one.detail} for one in changes]


def _side(side: Side) -> typed.ComparedSide:
    return {
        "name": side.name,
        "commit": side.commit,
        "version": side.version,
        "node": side.node,
        "timestamp": side.timestamp,
        "kernel": side.kernel,
    }


def _path(change: PathChange) -> typed.PathChange:
    return {
        "path": change.path,
        "kind": change.kind.value,
        "size": change.size,
        "package": change.package,
        "line": change.line,
        "detail": change.detail,
        "is_folder": change.is_folder,
    }


def _share(share: Share) -> typed.Share:
    return {
        "name": share.name,
        "files": share.files,
        "size": share.size,
        "removed": share.removed,
        "detail": share.detail,
    }


def _download(download: Download) -> typed.Download:
    return {
        "objects": download.objects,
        "content_bytes": download.content_bytes,
        "object_bytes": download.object_bytes,
        "is_estimate": download.is_estimate,
        "delta_bytes": download.delta_bytes,
        "layers": download.layers,
        "layer_bytes": download.layer_bytes,
        "layer_packed_bytes": download.layer_packed_bytes,
    }

"""Read OSTree refs as the files they are, so that a run with nothing to do needs no binding.

The layout (``refs/heads/NAME`` holds a checksum, ``objects/XX/YYY.commit`` the commit) is
described in ostree's manual, "Anatomy of an OSTree repository".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LAYERS = "arkes-layers"
"""First part of the refs that hold layers."""

PINS = "arkes-pins"
"""First part of the refs that hold releases which somebody wants to stay."""

CHECKSUM = re.compile(r"[0-9a-f]{64}")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def is_ref(text: str) -> bool:
    """Tell whether the text can be a ref, and so part of a path."""
    return _REF.fullmatch(text) is not None


def is_of_node(ref: str) -> bool:
    """Tell whether a ref is a node's, and not one of ours for a layer or a pin."""
    return ref.partition("/")[0] not in (LAYERS, PINS)


def layer_ref(chain_id: str) -> str:
    """Return the ref of a layer; ``chain_id`` is ``sha256:<64 hex>`` or the digits alone."""
    digits = chain_id.removeprefix("sha256:")
    if not CHECKSUM.fullmatch(digits):
        raise ValueError(f"{chain_id[:80]!r} is no chain ID")
    return f"{LAYERS}/{digits}"


def commits(repository: Path, refs: Iterable[str]) -> dict[str, str]:
    """Return ref → commit for those refs that are there and whose commit object is too."""
    pairs = ((ref, read(repository, ref)) for ref in refs)
    return {ref: commit for ref, commit in pairs if commit}


def read(repository: Path, ref: str) -> str:
    """Return the commit of one ref; empty when the ref or its commit object is not there."""
    return commit_in(repository, repository / "refs" / "heads" / ref) if is_ref(ref) else ""


def commit_in(repository: Path, file: Path) -> str:
    """Return the commit that a ref's file names; empty when there is no such file or commit."""
    commit = _read(file)
    if commit and (repository / "objects" / commit[:2] / f"{commit[2:]}.commit").exists():
        return commit
    return ""


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            text = stream.read(80).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return text if CHECKSUM.fullmatch(text) else ""

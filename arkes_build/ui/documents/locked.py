"""Type what is said about a lock that was written, or would be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.project.lockmoves import Kind
from arkes_build.ui.documents.words import Schema, described

MoveKind = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Kind]})]


@described
class LockMove(TypedDict):
    """One package that changes."""

    name: str
    kind: MoveKind
    """``file``: the same version in another file."""
    before: str
    """The version that was locked; empty for one that is added."""
    after: str
    """The version that is locked now; empty for one that is removed."""
    kernel: bool
    """Whether it is a kernel, or microcode for it."""
    security: bool
    """Whether the new version comes from a security archive; always false for pacman."""


@described
class LockedNode(TypedDict):
    """One node of the lock."""

    node: str
    packages: int
    """How many are installed, with those of the nodes that it stands on."""
    size: int
    """Bytes of their files."""
    changes: list[LockMove]
    """The kernel first, then security fixes, then by name; none for a node that is new."""


@described
class LockDocument(TypedDict):
    """What ``lock`` or ``update`` wrote, or would write."""

    schema: Schema
    type: Literal["lock"]
    path: str
    dry_run: bool
    changed: bool
    """Whether the file is another one now, or would be."""
    nodes: list[LockedNode]

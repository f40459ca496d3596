"""Type what ``fsck`` says: what was looked at, and each damage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.delivery.soundness.damage import Kind
from arkes_build.ui.documents.words import Schema, described

DamageKind = Annotated[str, Field(json_schema_extra={"enum": [kind.value for kind in Kind]})]
DamageState = Literal["left", "repaired"]


@described
class Damage(TypedDict):
    """One thing that is not what it should be."""

    kind: DamageKind
    name: str
    """An object's checksum, else a path inside the repository or the store."""
    what: str
    is_missing: bool
    users: list[str]
    """Refs whose commits need it; ``REF~2`` is the release before the last."""
    paths: list[str]
    """Where it stands in their trees, at most a hundred."""
    more_paths: int
    state: DamageState
    told: str
    """Where a good one came from, or what can be done."""


@described
class FsckDocument(TypedDict):
    """What ``fsck --json`` prints."""

    schema: Schema
    type: Literal["fsck"]
    repository: str
    is_whole: bool
    """Whether nothing is damaged any more."""
    objects: int
    size: int
    """Bytes of the objects."""
    commits: int
    refs: int
    deltas: int
    records: int
    partial: int
    """Commits that are marked as not having all of their tree."""
    damages: list[Damage]

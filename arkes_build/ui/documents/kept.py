"""Type what is said about what is kept: a prune, the pins."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.delivery.keeping.pruned import PartName
from arkes_build.delivery.keeping.retention import Why
from arkes_build.ui.documents.words import Schema, described

WhyName = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Why]})]


@described
class Freed(TypedDict):
    """What went, or would go."""

    files: int
    size: int
    """Bytes of the files; one that has a second name elsewhere counts as 0."""
    disk: int
    """Bytes of disk that they held."""


@described
class KeptRelease(TypedDict):
    """One release of a ref."""

    commit: str
    version: str
    timestamp: int
    why: list[WhyName]
    """What keeps it; empty when it goes."""
    note: str
    """Why it is pinned; empty when it is not, or nobody said why."""
    freed: Freed | None
    """What goes with it and not with an older one; null when it stays."""


@described
class KeptRef(TypedDict):
    """The releases of one ref, the newest first, and its node's ``[retention]``."""

    ref: str
    node: str
    keep: int | None
    days: int | None
    releases: list[KeptRelease]


class OtherFreed(TypedDict):
    """Something else than releases."""

    name: PartName
    count: int
    freed: Freed


class PruneDocument(TypedDict):
    """What ``prune --json`` prints."""

    schema: Schema
    type: Literal["prune"]
    repository: str
    dry_run: bool
    refs: list[KeptRef]
    others: list[OtherFreed]
    freed: Freed


class Pin(TypedDict):
    """A release that stays until it is unpinned."""

    commit: str
    node: str
    version: str
    timestamp: int
    note: str


class PinsDocument(TypedDict):
    """What ``pin --json`` and ``unpin --json`` print."""

    schema: Schema
    type: Literal["pins"]
    pins: list[Pin]

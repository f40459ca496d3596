"""Type what is said about a published repository."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.words import Schema, described


@described
class PublishedDownload(TypedDict):
    """What a client fetches, in bytes."""

    before: str | None
    """The commit that it has; null for none."""
    delta: int | None
    """Null where there is none, because the objects are smaller."""
    objects: int


@described
class PublishedRef(TypedDict):
    """A ref as clients now see it."""

    ref: str
    node: str
    commit: str
    before: str | None
    """What clients saw until now."""
    version: str
    timestamp: int
    """Seconds since 1970."""
    releases: list[str]
    """Commits, the newest first."""
    downloads: list[PublishedDownload]


@described
class HeldBack(TypedDict):
    """A node that stays as it was published (``--tested``)."""

    node: str
    commit: str
    """What did not go out."""
    fault: str
    """The node at fault: itself, or one that it stands on."""
    check: str
    """What failed there; empty when it was not tested."""
    why: str


@described
class PublishedDocument(TypedDict):
    """The last line of what ``publish --json`` prints."""

    schema: Schema
    type: Literal["published"]
    path: str
    project: str
    url: str
    """Where clients find it; empty when nobody said."""
    is_signed: bool
    refs: list[PublishedRef]
    objects: int
    """How many were written."""
    object_bytes: int
    deltas: int
    """How many were made and kept."""
    useless_deltas: int
    """Made, and thrown away because they were larger than the objects."""
    removed_deltas: int
    removed_commits: int
    removed_bytes: int
    held: list[HeldBack]

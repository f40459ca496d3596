"""Type what is said about the difference of two trees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.history.model import Kind
from arkes_build.ui.documents.words import Schema, described

KindOfChange = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Kind]})]


@described
class ComparedSide(TypedDict):
    """One of two trees."""

    name: str
    """As it was named."""
    commit: str
    """Empty for an image that is no commit."""
    version: str
    node: str
    timestamp: int
    """Of the commit, in seconds since 1970; 0 without one."""
    kernel: str
    """Its version; empty when there is none."""


@described
class PackageChange(TypedDict):
    """A package whose version differs."""

    name: str
    """With the architecture (``libc6:i386``) where it is installed for several."""
    before: str
    """Empty when it is new."""
    after: str
    """Empty when it is gone."""
    kind: KindOfChange


@described
class PathChange(TypedDict):
    """A file, link or folder that differs."""

    path: str
    kind: KindOfChange
    size: int
    """Bytes now, or what it had when it is gone."""
    package: str
    """Who owns it; empty when nobody does."""
    line: str
    """What wrote it last, ``file:line``; empty when that is not known."""
    detail: str
    """What is another about a default of ``/etc``; empty elsewhere."""
    is_folder: bool


@described
class NameChange(TypedDict):
    """A unit, account or kernel argument that differs."""

    name: str
    kind: KindOfChange
    detail: str
    """What it is about: ``enabled by multi-user.target``, ``user …``, the argument's file."""


@described
class Share(TypedDict):
    """What a package or a line has of the files that differ."""

    name: str
    """Empty for what no package owns, and for lines that are not known."""
    files: int
    size: int
    """Bytes of what is new or changed."""
    removed: int
    """Bytes of what is gone."""
    detail: str
    """The beginning of what stands in the line."""


@described
class Download(TypedDict):
    """What a machine with the first tree fetches for the second, in bytes."""

    objects: int
    """How many."""
    content_bytes: int
    """What they take on disk."""
    object_bytes: int | None
    """What they take compressed, as a web server has them."""
    is_estimate: bool
    """Whether not all of it was compressed to know."""
    delta_bytes: int | None
    """Null when there is no static delta."""
    layers: int | None
    """How many layers of the image are others; null when that is not known."""
    layer_bytes: int | None
    """What their files take."""
    layer_packed_bytes: int | None
    """What they take compressed; null unless that was asked for."""


@described
class DiffDocument(TypedDict):
    """What changed between two trees."""

    schema: Schema
    type: Literal["diff"]
    before: ComparedSide
    after: ComparedSide
    summary: str
    """In one line, for people; empty when nothing changed."""
    packages: list[PackageChange]
    etc: list[PathChange]
    """Defaults of ``/etc``, with their path there."""
    units: list[NameChange]
    users: list[NameChange]
    """Users and groups."""
    kernel_arguments: list[NameChange]
    files: list[PathChange]
    """Every path that differs."""
    by_package: list[Share]
    by_line: list[Share]
    download: Download

"""Type what ``verify --rebuild`` says: how each node came out, and what differs in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.history.causes import Cause
from arkes_build.history.differences import What
from arkes_build.history.model import Kind
from arkes_build.ui.documents.words import Schema, described

RebuiltWhat = Annotated[str, Field(json_schema_extra={"enum": [what.value for what in What]})]
RebuiltCause = Annotated[str, Field(json_schema_extra={"enum": [cause.value for cause in Cause]})]
RebuiltKind = Annotated[str, Field(json_schema_extra={"enum": [kind.value for kind in Kind]})]


@described
class RebuiltPackage(TypedDict):
    """A package that the second build had in another version."""

    name: str
    before: str
    """What is recorded; empty when it was not there."""
    after: str
    """What the second build had; empty when it was not there."""
    kind: RebuiltKind


@described
class RebuiltDifference(TypedDict):
    """One thing that differs at a path."""

    path: str
    what: RebuiltWhat
    cause: RebuiltCause
    """The most likely one."""
    inside: list[str]
    """The way to a member, when the file holds others: `gzip`, then a name in the archive."""
    details: list[str]
    """Lines for people."""
    package: str
    line: str
    """Which line of a Systemfile wrote it; both are empty when nobody knows."""


@described
class RebuiltNode(TypedDict):
    """One node, recorded and built again."""

    node: str
    commit: str
    is_same: bool
    recorded: str
    """Checksum of the recorded commit's content."""
    rebuilt: str
    """The same of the second build."""
    packages: list[RebuiltPackage]
    paths: int
    """How many differ."""
    inherited: int
    """Those of them that differ in the same way in a node below, and are told there."""
    differences: list[RebuiltDifference]
    """What differs in the others; 200 paths at most."""


@described
class RebuiltDocument(TypedDict):
    """What ``verify --rebuild --json`` prints."""

    schema: Schema
    type: Literal["rebuilt"]
    exit_code: int
    is_same: bool
    seconds: float
    nodes: list[RebuiltNode]
    """In the order of the build: the first that differs is the one to look at."""

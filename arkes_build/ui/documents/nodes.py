"""Type what is said about nodes: graph, plan, model, what was rendered and committed."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.words import (
    ActionName,
    ArchName,
    FamilyName,
    KindName,
    Schema,
    Where,
    described,
)


class Reason(TypedDict):
    """Why something is done; ``where`` is ``file:line``, a path, or empty."""

    text: str
    where: str


class LeftOut(TypedDict):
    """A node that this family or architecture does not have."""

    node: str
    reason: str
    where: str


@described
class Action(TypedDict):
    """What would be done about one node."""

    node: str
    action: ActionName
    reasons: list[Reason]
    key: str | None
    """sha256 of the node's inputs; null while a parent's result is not known."""
    seconds: float | None
    """From the node's last build; null when there was none."""


@described
class Estimate(TypedDict):
    """How long the plan may take, from earlier builds, in seconds."""

    seconds: float
    work: float
    path: list[str]
    """The longest chain of nodes that have to wait for each other."""
    path_seconds: float
    unknown: list[str]
    """Nodes never built here: they are not counted."""


class PlanDocument(TypedDict):
    """What ``plan --json`` prints."""

    schema: Schema
    type: Literal["plan"]
    is_empty: bool
    actions: list[Action]
    estimate: Estimate | None
    left_out: list[LeftOut]


@described
class GraphNode(TypedDict):
    """One node of the graph, and with ``--actions`` what would be done about it."""

    node: str
    title: str
    kind: KindName
    generation: int
    """Length of the longest chain below it."""
    parent: str | None
    needs: list[str]
    action: str | None
    reason: str | None


class GraphLeftOut(TypedDict):
    """A node that this family or architecture does not have."""

    node: str
    reason: str


class GraphDocument(TypedDict):
    """What ``graph --json`` prints."""

    schema: Schema
    type: Literal["graph"]
    nodes: list[GraphNode]
    left_out: list[GraphLeftOut]


class ModelInstruction(TypedDict):
    """One instruction of a node: lowered, as it goes to the engine."""

    text: str
    where: str


@described
class ModelFile(TypedDict):
    """One entry of the build context that the node uses."""

    path: str
    type: str
    """``file``, ``dir`` or ``link``."""
    mode: str
    """Permission bits, four octal digits."""
    digest: str
    """sha256 of a file's content, else empty."""
    target: str
    """Text of a link, else empty."""
    size: int


class ModelDependency(TypedDict):
    """Another node that this one names."""

    node: str
    where: Where | None


@described
class ModelNode(TypedDict):
    """One node as the compiler understood it, for one family and architecture."""

    node: str
    kind: KindName
    title: str
    family: FamilyName
    arch: ArchName
    snapshot: str
    parent: str | None
    dependencies: list[ModelDependency]
    file: str | None
    """The file that it is made from; null for the bootstrap."""
    arguments: dict[str, str]
    """Build arguments that the compiler supplies, all but HASH."""
    instructions: list[ModelInstruction]
    files: list[ModelFile]
    clean: bool
    """``x-clean``: the runner's disk should be freed first."""
    no_iso: bool
    """``x-no-iso``: no installation medium is made of it."""


class Identity(TypedDict):
    """The fields of os-release that all nodes share."""

    name: str
    id: str
    id_like: str
    version: str
    version_id: str
    home_url: str
    bug_report_url: str


class ModelDocument(TypedDict):
    """What ``model`` prints."""

    schema: Schema
    type: Literal["model"]
    identity: Identity | None
    nodes: list[ModelNode]
    left_out: list[LeftOut]


@described
class KnownRef(TypedDict):
    """One commit that a ref names."""

    ref: str
    commit: str
    parent: str | None
    timestamp: int
    """Seconds since 1970: the project's epoch, not the clock."""
    version: str
    node: str
    key: str
    kernel: str
    packages: int


class RefsDocument(TypedDict):
    """What ``refs --json`` prints."""

    schema: Schema
    type: Literal["refs"]
    refs: list[KnownRef]


class RenderedDocument(TypedDict):
    """What ``render --json`` prints."""

    schema: Schema
    type: Literal["rendered"]
    node: str
    text: str
    files: list[str]
    inline: dict[str, str]

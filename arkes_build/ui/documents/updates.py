"""Type what ``os`` says of updates, of changes in /etc, and of the room that releases take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.ui.documents.changes import KindOfChange, NameChange, PackageChange
from arkes_build.ui.documents.words import Schema, described

OfferState = Annotated[
    str,
    Field(json_schema_extra={"enum": ["current", "staged", "newer", "older", "rebuild", "fallen"]}),
]
FateOfChange = Annotated[
    str,
    Field(
        json_schema_extra={"enum": ["blocks", "shadows", "outlives", "stays-away", "reset", "same"]}
    ),
]


@described
class OfferedRelease(TypedDict):
    """A release; everything but the commit is empty or 0 where nobody looked."""

    commit: str
    version: str
    timestamp: int
    """Seconds since 1970."""
    kernel: str


@described
class EtcEffect(TypedDict):
    """What becomes of a local change in /etc."""

    path: str
    fate: FateOfChange
    """``blocks``: the new system has a directory there, and cannot be made. ``shadows``: yours
    stays, the new default is not used. ``outlives``: yours stays, the system has none any more.
    ``stays-away``: you removed it, and it stays so. ``reset``: the upgrade takes it back.
    ``same``: the new default is what you have."""
    detail: str
    """What is another here: ``content``, ``mode 0644 → 0600``."""


@described
class UpdateCost(TypedDict):
    """What taking a release costs, in bytes."""

    download: int | None
    """Null when nobody knows before; then it is at most about ``at_most``."""
    disk: int | None
    at_most: int
    """Bytes of the whole tree."""
    by_delta: bool
    is_estimate: bool


@described
class UpgradeResult(TypedDict):
    """What an upgrade did."""

    commit: str
    """What boots next, or was downloaded. Not the release's own when a Systemfile is built."""
    version: str
    seconds: float
    is_deployed: bool
    is_staged: bool
    """Whether it is finished at shutdown."""


@described
class UpgradeDocument(TypedDict):
    """What is offered, what it changes here, and what was done about it."""

    schema: Schema
    type: Literal["upgrade"]
    ref: str
    url: str
    state: OfferState
    has_something: bool
    """Whether there is something to take."""
    is_here: bool
    """Whether all of it was downloaded before."""
    builds: bool
    """Whether this machine's Systemfile is built on it."""
    before: OfferedRelease
    after: OfferedRelease
    signer: str
    fallen_because: str
    packages: list[PackageChange]
    units: list[NameChange]
    users: list[NameChange]
    kernel_arguments: list[NameChange]
    etc: list[NameChange]
    """Changed defaults, with their path."""
    effects: list[EtcEffect]
    cost: UpdateCost
    fetched: int
    """Bytes that it took to know all this."""
    result: UpgradeResult | None
    """Null when nothing was taken."""


@described
class CheckUpdatesDocument(TypedDict):
    """Whether there is a newer release."""

    schema: Schema
    type: Literal["checkupdates"]
    ref: str
    url: str
    state: OfferState
    has_something: bool
    before: OfferedRelease
    after: OfferedRelease
    packages: int
    """How many differ."""
    download: int | None
    fallen_because: str


@described
class EtcDrift(TypedDict):
    """A path of /etc that is not as it was delivered."""

    path: str
    kind: KindOfChange
    detail: str
    is_folder: bool
    is_kept: bool
    """Whether the next upgrade takes it along."""
    diff: list[str] | None
    """Lines of a unified diff; null unless asked for, or when there are none to show."""
    why_no_diff: str


@described
class EtcDiffDocument(TypedDict):
    """What is different in /etc from what was delivered."""

    schema: Schema
    type: Literal["etc-diff"]
    deployment: str
    changes: list[EtcDrift]
    unread: list[str]
    """What only root may compare."""


@described
class DeploymentUse(TypedDict):
    """What a deployment takes, in bytes on the disk."""

    commit: str
    serial: int
    version: str
    role: str
    own: int
    """Of it alone: what would be free without it."""
    shared: int
    """Of it and another."""
    etc: int
    """Its copy of /etc and its folders, which no other has."""


@described
class UsageDocument(TypedDict):
    """What releases take on the disk, in bytes."""

    schema: Schema
    type: Literal["usage"]
    deployments: list[DeploymentUse]
    repository: int
    """All objects, each once."""
    unneeded: int
    """Of these, what no deployment has: `os prune` frees most of it."""
    var: int | None
    """What is in /var; null unless asked for."""
    free: int
    total: int


@described
class RemovedDeployment(TypedDict):
    """A deployment that goes."""

    commit: str
    serial: int
    version: str


@described
class ClearedDocument(TypedDict):
    """What was removed because nothing needs it, or would be."""

    schema: Schema
    type: Literal["cleared"]
    is_done: bool
    """False for a dry run."""
    deployments: list[RemovedDeployment]
    refs: list[str]
    objects: int
    bytes: int

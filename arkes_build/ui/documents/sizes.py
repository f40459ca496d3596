"""Type what is said about sizes and releases: ``size`` and ``log``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.history.log import Told
from arkes_build.history.model import Kind
from arkes_build.ui.documents.words import Schema, described

ForecastKind = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Kind]})]
ToldName = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Told]})]


@described
class ForecastedPackage(TypedDict):
    """A package whose version differs."""

    name: str
    before: str
    """Empty when it is new."""
    after: str
    """Empty when it is gone."""
    kind: ForecastKind


@described
class ForecastedName(TypedDict):
    """A default of /etc (its path there), a unit, an account or a kernel argument."""

    name: str
    kind: ForecastKind
    detail: str
    """What more there is to say, such as that a unit is enabled; often empty."""


class KernelPair(TypedDict):
    """The kernels of both releases; empty where there is none."""

    before: str
    after: str


@described
class Forecasted(TypedDict):
    """What is different since an earlier release, as the commit says."""

    commit: str
    """The earlier release."""
    version: str
    timestamp: int
    packages: list[ForecastedPackage]
    etc: list[ForecastedName]
    units: list[ForecastedName]
    users: list[ForecastedName]
    kernel_arguments: list[ForecastedName]
    kernel: KernelPair | None
    left_out: dict[str, int]
    """List (``packages.upgraded``) → how many of it are not named."""
    objects: int
    """How many objects are new, without the commit."""
    content_bytes: int
    """What they take on disk."""
    object_bytes: int
    """What they take compressed, as a web server has them."""
    is_estimate: bool
    """Whether not all of it was compressed to know."""


@described
class LoggedRelease(TypedDict):
    """One release."""

    commit: str
    parent: str | None
    node: str
    version: str
    timestamp: int
    kernel: str
    packages: int
    """How many are installed."""
    bytes: int | None
    """The files of its tree; null when it does not say."""
    signers: list[str]
    """IDs of the keys that signatures name; nothing is verified."""
    pinned: bool
    told: ToldName
    changes: Forecasted | None
    """What changed since the release before; null when the commit does not say."""


@described
class LogDocument(TypedDict):
    """What ``log --json`` prints; the newest release first."""

    schema: Schema
    type: Literal["log"]
    name: str
    releases: list[LoggedRelease]
    is_cut: bool
    """Whether there are older ones that were not asked for."""


@described
class SpentShare(TypedDict):
    """What one package, line or folder takes."""

    name: str
    """Empty for files that no package has, or that no known line wrote."""
    brief: str
    """What stands in the line; empty for packages and folders."""
    files: int
    bytes: int


@described
class BudgetUse(TypedDict):
    """How much of a budget is used."""

    allowed: int
    used: int | None
    """Null when nobody knows: a first release has no update."""


class Budgets(TypedDict):
    """The budgets of the node; null where there is none."""

    image: BudgetUse | None
    update: BudgetUse | None


@described
class SizeDocument(TypedDict):
    """What ``size --json`` prints; each list has all bytes, the largest first."""

    schema: Schema
    type: Literal["size"]
    name: str
    commit: str
    node: str
    version: str
    files: int
    bytes: int
    budgets: Budgets
    packages: list[SpentShare]
    lines: list[SpentShare]
    folders: list[SpentShare]
    """Each without those below it that are in the list too."""

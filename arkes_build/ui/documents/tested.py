"""Type what is said about tests of nodes: ``test``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from arkes_build.trial.model import Status
from arkes_build.ui.documents.words import Schema, described

StatusName = Annotated[str, Field(json_schema_extra={"enum": [each.value for each in Status]})]


@described
class TestedCheck(TypedDict):
    """How one check ended."""

    name: str
    """``verdict``, ``console``, ``validate.d/NAME``, ``FILE.sh`` or ``FILE.py::FUNCTION``."""
    title: str
    status: StatusName
    seconds: float
    message: str
    """One line: why it failed, or was left out."""
    output: str
    """What it printed, as the guest sent it."""
    where: str
    """``file:line`` of what failed in a Python file; empty for others."""


@described
class TestedVerdict(TypedDict):
    """What the system said of its boot."""

    state: str
    """systemd's: ``running``, ``degraded``, …"""
    is_complete: bool
    """Whether ``boot-complete.target`` was reached."""
    failed: list[str]
    """Units."""
    deployment: str
    """``CHECKSUM.SERIAL`` of what runs."""
    kernel: str
    times: dict[str, float]
    """Seconds by phase, as ``systemd-analyze`` tells them."""
    seconds: float
    """From power-on to the verdict."""


@described
class TestedNode(TypedDict):
    """How one node did."""

    node: str
    commit: str
    outcome: Literal["passed", "failed", "passed before", "held back", "nothing to boot"]
    why: str
    """Why it was not booted; empty when it was."""
    accel: str
    """``kvm`` or ``tcg``; empty when it was not booted."""
    why_accel: str
    is_resumed: bool
    """The machine went on from an earlier boot of the same disk."""
    is_partial: bool
    """Only some checks were asked for: nothing is recorded."""
    upgraded_from: str
    """The older commit of a test that upgrades; else empty."""
    seconds: float
    verdict: TestedVerdict | None
    checks: list[TestedCheck]
    folder: str
    """Where the evidence is."""
    evidence: list[str]
    """Names of files in the folder."""
    suspects: list[str]
    """What came in between since the last commit that passed."""


@described
class TestedDocument(TypedDict):
    """The last line of what ``test --json`` prints."""

    schema: Schema
    type: Literal["test"]
    exit_code: int
    nodes: list[TestedNode]

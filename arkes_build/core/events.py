"""Let the engine room speak: every event is a value, every listener a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """Say how a node ended."""

    BUILT = "built"
    REUSED = "reused"
    UNCHANGED = "unchanged"
    """Built, and its content came out identical to what was there."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not tried, because something it needs failed."""
    PLANNED = "planned"
    """A dry run: it would be built."""
    PUBLISHED = "published"
    """Clients see another commit of it now."""
    PASSED = "passed"
    """It booted, and every check of it is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Say something that concerns the whole run, such as the isolation that was chosen."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlanned:
    """It is known what there is to do: the nodes that will each end with a NodeFinished."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStarted:
    """A node's work begins; ``reason`` says why it is done."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step of the node begins; ``index`` counts from 1, 0 for work that is no numbered step.

    ``total`` is 0 when unknown.
    """

    node: str
    index: int
    total: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputLine:
    """A program that works for the node printed a line."""

    node: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFinished:
    """A node's work ended. ``seconds`` is wall time; ``size`` is in bytes, 0 when unknown."""

    node: str
    outcome: Outcome
    seconds: float
    size: int = 0
    ref: str = ""
    commit: str = ""
    message: str = ""


Event = Notice | RunPlanned | NodeStarted | StepStarted | OutputLine | NodeFinished
Sink = Callable[[Event], None]


def silent(_event: Event) -> None:
    """Listen to nothing."""

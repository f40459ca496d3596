"""Say what is to be done with each node, and why: the plan as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.plan.state import Inputs
    from arkes_build.project.model import LeftOut


class ActionType(Enum):
    """Name what happens to a node."""

    BUILD = "build"
    REUSE = "reuse"
    WAIT = "wait"
    """Something it stands on is built first; it is rebuilt unless that comes out identical."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One cause; ``where`` is ``file:line`` or a path, empty when there is none."""

    text: str
    where: str = ""

    def __str__(self) -> str:
        """Return the cause with its place: ``RUN changed (variants/base.Containerfile:12)``."""
        return f"{self.text} ({self.where})" if self.where else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is to be done with one node.

    ``key`` and ``inputs`` are None while a parent's result is not known yet: always for
    WAIT, and for a BUILD whose own inputs changed while a parent is built too.
    ``seconds`` is what the last build took, None when it was never built.
    """

    node: str
    type: ActionType
    reasons: tuple[Reason, ...]
    key: str | None
    inputs: Inputs | None = field(compare=False, default=None)
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a plan is expected to cost if every WAIT turns into a build.

    ``seconds`` is wall time with the given workers, ``work`` the sum over the nodes,
    ``path`` the chain that no number of workers makes shorter. Nodes in ``unknown``
    were never built here and count nothing.
    """

    seconds: float
    work: float
    path: tuple[str, ...]
    path_seconds: float
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All actions in an order that can be followed, and what was left out."""

    actions: tuple[Action, ...]
    left_out: tuple[LeftOut, ...] = ()
    estimate: Estimate | None = field(compare=False, default=None)
    """What it will take; None when nobody asked."""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to build."""
        return all(action.type is ActionType.REUSE for action in self.actions)

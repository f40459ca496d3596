"""Tell how a run ended, node by node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.events import Outcome

if TYPE_CHECKING:
    from arkes_build.core.errors import ArkesError
    from arkes_build.plan.actions import Action, Reason
    from arkes_build.plan.state import Record
    from arkes_build.project.model import LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """How one node ended. ``size`` is in bytes; ``error`` only when it failed."""

    node: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    seconds: float = 0.0
    size: int = 0
    ref: str = ""
    commit: str = ""
    error: ArkesError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the run ended: all nodes in the order of the plan. ``seconds`` is wall time."""

    nodes: tuple[NodeReport, ...]
    left_out: tuple[LeftOut, ...]
    seconds: float

    @property
    def errors(self) -> tuple[ArkesError, ...]:
        """Return what went wrong, in the order of the plan."""
        return tuple(node.error for node in self.nodes if node.error is not None)


def reused(action: Action, record: Record, error: ArkesError | None = None) -> NodeReport:
    """Return how a node ended that is as it was; failed if something is wrong with that."""
    return NodeReport(
        node=action.node,
        outcome=Outcome.FAILED if error else Outcome.REUSED,
        reasons=action.reasons,
        size=record.size,
        ref=record.ref,
        commit=record.commit,
        error=error,
    )

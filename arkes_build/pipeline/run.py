"""Carry a plan out: decide again as results come in, build, and report."""

from __future__ import annotations

import threading
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.events import NodeFinished, NodeStarted, Outcome, RunPlanned
from arkes_build.pipeline import scheduler
from arkes_build.pipeline.builder import Order
from arkes_build.pipeline.report import NodeReport, Report, reused
from arkes_build.plan.actions import Action, ActionType, Reason
from arkes_build.plan.planner import decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.events import Sink
    from arkes_build.pipeline.builder import Builder
    from arkes_build.plan.actions import Plan
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.plan.state import State


class Run:
    """One run over a plan. ``state`` holds what is known when it begins."""

    def __init__(
        self,
        graph: BuildGraph,
        plan: Plan,
        state: State,
        *,
        builder: Builder,
        sink: Sink,
        fresh: frozenset[str] = frozenset(),
    ) -> None:
        self._graph = graph
        self._plan = plan
        self._state = state
        self._records = dict(state.records)
        self._builder = builder
        self._sink = sink
        self._fresh = fresh
        self._planned = {action.node: action for action in plan.actions}
        self._reports: dict[str, NodeReport] = {}
        self._guard = threading.Lock()

    def follow(self, *, begin: float, jobs: int, interrupt: Callable[[], None]) -> Report:
        """Build what the plan says with ``jobs`` hands, and return how it ended.

        ``begin`` is the reading of the monotonic clock from which the run's seconds
        count. A node that fails holds back what stands on it, and nothing else. On
        Ctrl-C ``interrupt`` ends the running builds and the exception goes on.
        """
        order = tuple(self._planned)
        self._sink(RunPlanned(nodes=order))
        scheduler.run(
            order,
            {name: self._graph.parents(name) for name in order},
            self._work,
            jobs=jobs,
            skip=self._skip,
            interrupt=interrupt,
            urgency=self._graph.urgency({a.node: a.seconds or 1.0 for a in self._plan.actions}),
        )
        return Report(
            nodes=tuple(self._reports[name] for name in order),
            left_out=self._plan.left_out,
            seconds=monotonic() - begin,
        )

    def _work(self, name: str) -> bool:
        action = self._decide(name)
        if action.type is ActionType.REUSE:
            kept = self._reused(action)
            self._end(kept)
            return kept.error is None
        begin = monotonic()
        self._sink(NodeStarted(node=name, reason=str(action.reasons[0])))
        try:
            report = self._build(action, begin)
        except ArkesError as error:
            report = NodeReport(
                node=name,
                outcome=Outcome.FAILED,
                reasons=action.reasons,
                seconds=monotonic() - begin,
                error=error,
            )
        self._end(report)
        return report.error is None

    def _decide(self, name: str) -> Action:
        """Return the planned action, or for one that had to wait the one that follows now."""
        planned = self._planned[name]
        if planned.key is not None:
            return planned
        with self._guard:
            results = {n: self._records[n].result for n in self._graph.parents(name)}
        action = decide(self._graph.node(name), results, self._state)
        if planned.type is ActionType.BUILD:
            # Its own reasons stand whatever its parents became.
            return replace(action, type=ActionType.BUILD, reasons=planned.reasons)
        return action

    def _build(self, action: Action, begin: float) -> NodeReport:
        if action.key is None or action.inputs is None:
            raise AssertionError(f"{action.node} was decided without its parents")
        node = self._graph.node(action.node)
        with self._guard:
            parents = {d.node: self._records[d.node] for d in node.dependencies}
        record, is_new = self._builder.make(
            Order(
                node=node,
                key=action.key,
                inputs=action.inputs,
                parents=parents,
                no_cache=action.node in self._fresh,
            )
        )
        with self._guard:
            self._records[action.node] = record
        error = None if is_new else self._builder.over_budget(record)
        if error is not None:
            raise error
        return NodeReport(
            node=action.node,
            outcome=Outcome.BUILT if is_new else Outcome.UNCHANGED,
            reasons=action.reasons,
            seconds=monotonic() - begin,
            size=record.size,
            ref=record.ref,
            commit=record.commit,
        )

    def _reused(self, action: Action) -> NodeReport:
        # What may be this large has changed without a change of any node's key.
        record = self._records[action.node]
        return reused(action, record, self._builder.over_budget(record))

    def _skip(self, name: str) -> None:
        failed = [
            parent
            for parent in self._graph.parents(name)
            if parent in self._reports
            and self._reports[parent].outcome in (Outcome.FAILED, Outcome.SKIPPED)
        ]
        reason = Reason(text=f"{' and '.join(failed)} failed")
        self._end(NodeReport(node=name, outcome=Outcome.SKIPPED, reasons=(reason,)))

    def _end(self, report: NodeReport) -> None:
        with self._guard:
            self._reports[report.node] = report
        self._sink(
            NodeFinished(
                node=report.node,
                outcome=report.outcome,
                seconds=report.seconds,
                size=report.size,
                ref=report.ref,
                commit=report.commit,
                message=report.error.brief if report.error else str(report.reasons[0]),
            )
        )

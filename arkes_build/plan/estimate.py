"""Say how long a plan will take, from what its nodes took the last time."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from arkes_build.plan.actions import ActionType, Estimate

if TYPE_CHECKING:
    from arkes_build.plan.actions import Plan
    from arkes_build.plan.graph import BuildGraph


def expected(graph: BuildGraph, plan: Plan, *, workers: int) -> Estimate:
    """Return what the plan will take with at most ``workers`` nodes at work at once."""
    todo = [action for action in plan.actions if action.type is not ActionType.REUSE]
    seconds = {action.node: action.seconds or 0.0 for action in todo}
    path = graph.critical_path(seconds)
    return Estimate(
        seconds=_simulate(graph, seconds, workers),
        work=sum(seconds.values()),
        path=path,
        path_seconds=sum(seconds.get(name, 0.0) for name in path),
        unknown=tuple(action.node for action in todo if action.seconds is None),
    )


def _simulate(graph: BuildGraph, seconds: dict[str, float], workers: int) -> float:
    """Play the schedule: of the nodes that are ready, the one with most work behind it first."""
    urgency = graph.urgency(seconds)
    missing = {name: sum(p in seconds for p in graph.parents(name)) for name in seconds}
    ready = [(-urgency[name], name) for name, count in missing.items() if not count]
    ready.sort()
    running: list[tuple[float, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < workers:
            _, name = heappop(ready)
            heappush(running, (now + seconds[name], name))
        now, name = heappop(running)
        for child in graph.children(name):
            if child in missing:
                missing[child] -= 1
                if not missing[child]:
                    heappush(ready, (-urgency[child], child))
    return now

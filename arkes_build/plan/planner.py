"""Determine what is to be done with each node, and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.plan.actions import Action, ActionType, Plan, Reason
from arkes_build.plan.changes import changes
from arkes_build.plan.keys import inputs, key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from arkes_build.plan.graph import BuildGraph
    from arkes_build.plan.state import Record, State
    from arkes_build.project.model import LeftOut, ResolvedVariant

SHORT_COMMIT = 12

_NEVER_BUILT = Reason(text="never built")
_NO_REASONS: Mapping[str, Reason] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """What a node waits for: the chain down to the first one that is built, and why that is."""

    trail: tuple[str, ...]
    first: Reason | None = None

    @property
    def wait(self) -> Reason:
        text = f"waits for {', '.join(self.trail)}"
        if self.first is None:
            return Reason(text=text)
        return Reason(text=f"{text}: {self.first.text}", where=self.first.where)


def decide(node: ResolvedVariant, parents: Mapping[str, str | None] | None, state: State) -> Action:
    """Return what is to be done with one node.

    ``parents`` maps each node that this one names to its result, None (or no entry)
    where that follows from a build to come; ``parents`` None knows none of them.

    1. Never built, built for something else, or an input of its own changed: BUILD.
    2. A parent's result is known to differ from the recorded one: BUILD.
    3. Its commit is gone, or its ref points elsewhere: BUILD.
    4. A parent's result is not known yet: WAIT.
    5. Otherwise REUSE.

    A BUILD has no key while a parent's result is unknown: ask again then.
    """
    return _decide(node, parents, state, {})


def _decide(
    node: ResolvedVariant,
    parents: Mapping[str, str | None] | None,
    state: State,
    causes: Mapping[str, _Cause],
) -> Action:
    known = {d.node: (parents or {}).get(d.node) for d in node.dependencies}
    unknown = sorted(name for name, result in known.items() if result is None)
    record = state.records.get(node.name)
    if record is None and unknown:
        # Nothing to compare with, and no key to make: spare the hashing.
        return Action(node=node.name, type=ActionType.BUILD, reasons=(_NEVER_BUILT,), key=None)
    seconds = None if record is None else record.seconds
    # What is not known counts as unchanged here: rule 4 speaks for it.
    before = {} if record is None else record.inputs.parents
    assumed = {name: result or before.get(name, "") for name, result in known.items()}
    now = inputs(node, assumed)
    reasons = _own_reasons(record, changes(record.inputs, now) if record else (), state)
    if unknown:
        waits = tuple(causes.get(name, _Cause(trail=(name,))).wait for name in unknown)
        kind = ActionType.BUILD if reasons else ActionType.WAIT
        reasons = reasons or waits
        return Action(node=node.name, type=kind, reasons=reasons, key=None, seconds=seconds)
    kind = ActionType.BUILD if reasons else ActionType.REUSE
    return Action(
        node=node.name,
        type=kind,
        reasons=reasons or _unchanged(record),
        key=key(now),
        inputs=now,
        seconds=seconds,
    )


def plan(
    graph: BuildGraph,
    targets: Collection[str],
    state: State,
    left_out: Iterable[LeftOut] = (),
    *,
    rebuild: Collection[str] = (),
    because: Mapping[str, Reason] = _NO_REASONS,
) -> Plan:
    """Return the plan for some nodes and all they stand on; no targets means every node.

    ``rebuild`` names nodes that are built whatever their key says, ``because`` those that
    are built for a reason which no key knows. A reused node whose
    image the engine has lost is built again when something that will, or may, be built
    stands on it. Raises ``UnknownNode`` for a name that the graph does not have.
    """
    names = graph.needs(targets or graph.order())
    forced = {**because}
    forced |= {name: Reason(text="asked for") for name in rebuild if graph.node(name)}
    while True:
        actions = _forward(graph, names, state, forced)
        lost = _lost_images(graph, actions, state)
        if not lost:
            return Plan(actions=tuple(actions.values()), left_out=tuple(left_out))
        forced |= lost


def _forward(
    graph: BuildGraph, names: Iterable[str], state: State, forced: Mapping[str, Reason]
) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    causes: dict[str, _Cause] = {}
    for name in names:
        results = {
            parent: state.records[parent].result
            for parent in graph.parents(name)
            if actions[parent].type is ActionType.REUSE
        }
        action = _decide(graph.node(name), results, state, causes)
        if name in forced:
            action = _forced(action, forced[name])
        actions[name] = action
        if action.type is ActionType.BUILD:
            causes[name] = _Cause(trail=(name,), first=action.reasons[0])
        elif action.type is ActionType.WAIT:
            below = next(causes[parent] for parent in graph.parents(name) if parent in causes)
            causes[name] = _Cause(trail=(name, *below.trail), first=below.first)
    return actions


def _forced(action: Action, reason: Reason) -> Action:
    own = action.reasons if action.type is ActionType.BUILD else ()
    return replace(action, type=ActionType.BUILD, reasons=(reason, *own))


def _lost_images(
    graph: BuildGraph, actions: Mapping[str, Action], state: State
) -> dict[str, Reason]:
    if state.images is None:
        return {}
    lost: dict[str, Reason] = {}
    for name, action in reversed(tuple(actions.items())):
        if action.type is ActionType.REUSE and name not in lost:
            continue
        for parent in graph.parents(name):
            record = state.records.get(parent)
            reused = actions[parent].type is ActionType.REUSE
            if reused and record and record.image not in state.images and parent not in lost:
                lost[parent] = Reason(text=f"its image is gone, and {name} stands on it")
    return lost


def _own_reasons(
    record: Record | None, changed: tuple[Reason, ...], state: State
) -> tuple[Reason, ...]:
    if record is None:
        return (_NEVER_BUILT,)
    if changed:
        return changed
    found = state.commits.get(record.ref)
    if found is None:
        return (Reason(text=f"its ref {record.ref} is gone"),)
    if found != record.commit:
        text = f"its ref {record.ref} points to another commit, {found[:SHORT_COMMIT]}"
        return (Reason(text=text),)
    return ()


def _unchanged(record: Record | None) -> tuple[Reason, ...]:
    commit = record.commit if record is not None else ""
    return (Reason(text=f"unchanged since {commit[:SHORT_COMMIT]}"),)

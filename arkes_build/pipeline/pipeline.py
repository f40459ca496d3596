"""Offer what the fronts ask for: check, plan, graph, render, build, refs.

Reads like the README: read the project, expand it into nodes, plan them against what
the store knows, build what is to be built.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from arkes_build.core.events import Notice, Outcome, silent
from arkes_build.pipeline.blueprint import read, ref_of
from arkes_build.pipeline.budgets import over_budget
from arkes_build.pipeline.machine import cores
from arkes_build.pipeline.opening import store_of
from arkes_build.pipeline.report import NodeReport, Report, reused
from arkes_build.plan.actions import ActionType
from arkes_build.plan.planner import plan as make_plan
from arkes_build.plan.state import State
from arkes_build.project.home import find_home
from arkes_build.project.loader import find_project, load_config
from arkes_build.store.errors import StoreForeign
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.errors import ArkesError
    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine
    from arkes_build.pipeline.blueprint import Blueprint
    from arkes_build.pipeline.locking import Lockdown
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.actions import Plan, Reason
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.plan.state import Record
    from arkes_build.project.known import Known
    from arkes_build.project.lockmoves import LockMade
    from arkes_build.project.model import LeftOut
    from arkes_build.render.model import Rendered
    from arkes_build.store.model import CommitSigner, Holder, RefInfo

ENGINE_MEMORY = "engine.json"


class Pipeline:
    """Do what one command asks; ``sink`` hears how it goes. Close it at the end."""

    def __init__(
        self, options: Options, sink: Sink = silent, *, engine: Engine | None = None
    ) -> None:
        self._options = options
        self._sink = sink
        self._engine = engine
        self._locked: Lockdown | None = None

    def close(self) -> None:
        """End what was started for this pipeline; calling it again does nothing."""
        if self._engine is not None:
            self._engine.close()

    def check(self, files: Sequence[Path] = ()) -> tuple[Diagnostic, ...]:
        """Look at everything for every family; return all findings by file and place.

        ``files`` are Systemfiles to look at as well. Without ``--family``, a family that
        the project has no ``[bootstrap]`` table for is not looked at. Raises what
        ``survey`` raises.
        """
        from arkes_build.core.names import machine_arch
        from arkes_build.project.inspection import survey

        home = find_home(self._options.project, files)
        family = self._options.family
        return survey(
            home.root,
            families=(family,) if family else (),
            arch=self._options.arch or machine_arch(),
            systemfiles=dict.fromkeys(files),
            known={} if home.is_implicit else self.known(home.root),
            is_implicit=home.is_implicit,
        ).findings

    def known(self, root: Path | None = None) -> Mapping[str, Known]:
        """Return what earlier builds tell of the nodes, each read when it is asked for.

        Nothing without a store. Raises ``ConfigError`` and ``ProjectNotFound``.
        """
        from arkes_build.store.index import open_index

        root = root or find_project(self._options.project or Path())
        index = open_index(self._options.store or store_of(root, load_config(root)))
        return {} if index is None else index

    def graph(self, targets: Sequence[str] = ()) -> BuildGraph:
        """Return the graph of the targets and all they need; of everything without any."""
        blueprint = read(self._options, targets)
        if not blueprint.targets:
            return blueprint.graph
        return blueprint.graph.only(blueprint.graph.needs(blueprint.targets))

    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the nodes that this family or architecture does not have."""
        return read(self._options).expansion.left_out

    def plan(self, targets: Sequence[str] = ()) -> Plan:
        """Return what ``build`` would do, and why; changes nothing.

        The engine is not asked for its images: it would have to be started for that.
        """
        from arkes_build.plan.estimate import expected

        blueprint = read(self._options, targets)
        plan = self._plan(blueprint, self._state_to_look_at(blueprint))
        workers = self._jobs(blueprint)
        return replace(plan, estimate=expected(blueprint.graph, plan, workers=workers))

    def render(self, target: str) -> Rendered:
        """Return a node's Containerfile as it would be built now.

        It is the text for an engine that has here-documents; for an older one they are
        lowered, and the labels list the packages once they are known.
        """
        from arkes_build.render.model import Capabilities
        from arkes_build.render.renderer import render

        blueprint = read(self._options, (target,))
        state = self._state_to_look_at(blueprint)
        name = blueprint.targets[0]
        actions = {a.node: a for a in self._plan(blueprint, state).actions}
        images = dict(blueprint.graph.node(name).images)
        images |= {
            parent: state.records[parent].image
            for parent in blueprint.graph.parents(name)
            if actions[parent].type is ActionType.REUSE
        }
        if actions[name].key is None:
            self._sink(
                Notice(
                    message=f"what {name} stands on is to be built first: until then its key "
                    "stands as zeros, and its parent as a name"
                )
            )
        return render(
            blueprint.graph.node(name),
            key=actions[name].key,
            parents=images,
            capabilities=Capabilities(),
        )

    def refs(self) -> tuple[RefInfo, ...]:
        """Return what the store's repository holds."""
        store = self._store(read(self._options))
        return store.repository().refs() if store.has_repository else ()

    def lock(self, targets: Sequence[str] = ()) -> LockMade:
        """Write ``arkes.lock`` of what was built; raises what ``lockmaking.lock`` raises."""
        from arkes_build.pipeline.lockmaking import lock

        return lock(self._options, targets, digest=lambda name: self._ask_engine().digest(name))

    def update(self, targets: Sequence[str] = ()) -> LockMade:
        """Move ``arkes.lock`` forward; raises what ``updating.update`` raises."""
        from arkes_build.pipeline.updating import update

        return update(self._options, targets, engine=self._ask_engine(), sink=self._sink)

    def _ask_engine(self) -> Engine:
        return self._start_engine(self._store(read(self._options)))

    def build(self, targets: Sequence[str] = ()) -> Report:
        """Build the targets and all they need; without any, everything.

        Holds the store's lock while it builds. What fails is in the report; what stops
        the whole run (no engine, a busy store, wrong files) is raised.
        """
        from arkes_build.pipeline.signing import signer

        begin = monotonic()
        blueprint = read(self._options, targets)
        if self._options.dry_run:
            state = self._state_to_look_at(blueprint)
            return _report(self._plan(blueprint, state), state, begin)
        state = self._state(blueprint, self._store(blueprint))
        plan = self._plan(blueprint, state)
        if plan.is_empty:
            repository = self._store(blueprint).path / "repo"
            return _report(
                plan,
                state,
                begin,
                lambda record: over_budget(blueprint.project, repository, record),
            )
        store = self._store(blueprint, read_only=False)
        engine = self._start_engine(store)
        with (
            store.lock(self._say_who_is_waited_for),
            signer(blueprint.project.root, self._sink) as signs,
        ):
            return self._build(blueprint, store, engine, begin, signs)

    def _build(
        self,
        blueprint: Blueprint,
        store: Store,
        engine: Engine,
        begin: float,
        signs: CommitSigner | None,
    ) -> Report:
        from arkes_build.pipeline.builder import Builder
        from arkes_build.pipeline.run import Run

        builder = Builder(
            blueprint.project,
            engine=engine,
            store=store,
            repository=store.repository(),
            sink=self._sink,
            signer=signs,
            lockdown=self._lockdown(blueprint),
        )
        # Another run may have finished nodes while we waited for the lock.
        state = self._state(blueprint, store)
        wanted = sorted({record.image for record in state.records.values()})
        state = replace(state, images=engine.images(wanted))
        self._sink(Notice(message=engine.describe()))
        run = Run(
            blueprint.graph,
            self._plan(blueprint, state),
            state,
            builder=builder,
            sink=self._sink,
            fresh=frozenset(self._rebuilt(blueprint)),
        )
        builder.index_what_is_not(state.records.values())
        return run.follow(begin=begin, jobs=self._jobs(blueprint), interrupt=engine.close)

    def _plan(self, blueprint: Blueprint, state: State) -> Plan:
        return make_plan(
            blueprint.graph,
            blueprint.targets,
            state,
            # Who asks for some nodes does not ask which others this family lacks.
            () if blueprint.targets else blueprint.expansion.left_out,
            rebuild=self._rebuilt(blueprint),
            because=self._not_of_the_lock(blueprint, state),
        )

    def _not_of_the_lock(self, blueprint: Blueprint, state: State) -> Mapping[str, Reason]:
        lockdown = self._lockdown(blueprint)
        if lockdown is None:
            return {}
        names = blueprint.graph.needs(blueprint.targets or blueprint.graph.order())
        return lockdown.forced(state.records, names)

    def _lockdown(self, blueprint: Blueprint) -> Lockdown | None:
        """Return what a locked run may take; None for a free one.

        Raises ``LockMissing``, ``LockUnreadable`` and ``LockStale``.
        """
        if not self._options.locked:
            return None
        if self._locked is None:
            from arkes_build.pipeline.locking import open_lock

            self._locked = open_lock(blueprint, self._store(blueprint).cache)
        return self._locked

    def _jobs(self, blueprint: Blueprint) -> int:
        return self._options.jobs or blueprint.project.config.build.jobs or cores()

    def _rebuilt(self, blueprint: Blueprint) -> tuple[str, ...]:
        if not self._options.rebuild:
            return ()
        return blueprint.targets or blueprint.graph.order()

    def _store(self, blueprint: Blueprint, *, read_only: bool = True) -> Store:
        project = blueprint.project
        path = self._options.store or store_of(project.root, project.config)
        return Store.open(path, family=blueprint.family, arch=blueprint.arch, read_only=read_only)

    def _state(self, blueprint: Blueprint, store: Store) -> State:
        """Return what is known of the nodes under the refs that they have now.

        With another name the project has other refs: nothing was built for those.
        """
        state = store.state(blueprint.graph.order(), self._sink)
        nodes = (blueprint.graph.node(name) for name in state.records)
        refs = {node.name: ref_of(blueprint.project, node) for node in nodes}
        known = {name: r for name, r in state.records.items() if r.ref == refs[name]}
        return replace(state, records=known)

    def _state_to_look_at(self, blueprint: Blueprint) -> State:
        """Return what is known; nothing, when the store belongs to another family.

        To look at the plan of the other family needs no store of its own.
        """
        try:
            return self._state(blueprint, self._store(blueprint))
        except StoreForeign as error:
            self._sink(Notice(message=f"{error.brief}: looked at as if nothing was built yet"))
            return State()

    def _say_who_is_waited_for(self, holder: Holder | None) -> None:
        self._sink(Notice(message=f"waiting for the store: {holder or 'another run'} holds it"))

    def _start_engine(self, store: Store) -> Engine:
        if self._engine is None:
            from arkes_build.engine.podman import PodmanEngine

            podman = PodmanEngine(memory=store.path / ENGINE_MEMORY, sink=self._sink)
            # It comes up while this thread imports and waits for the lock.
            podman.start()
            self._engine = podman
        return self._engine


def _report(
    plan: Plan,
    state: State,
    begin: float,
    over: Callable[[Record], ArkesError | None] = lambda _record: None,
) -> Report:
    """Return the report of a plan that nobody carries out."""
    nodes = []
    for action in plan.actions:
        record = state.records.get(action.node)
        if record is not None and action.type is ActionType.REUSE:
            nodes.append(reused(action, record, over(record)))
            continue
        nodes.append(
            NodeReport(
                node=action.node,
                outcome=Outcome.PLANNED,
                reasons=action.reasons,
                size=record.size if record else 0,
                ref=record.ref if record else "",
                commit=record.commit if record else "",
            )
        )
    return Report(nodes=tuple(nodes), left_out=plan.left_out, seconds=monotonic() - begin)

"""Build a node and all it stands on once more, apart and without a cache, and compare.

Nothing of the real store is written: the second build has a store of its own beside it, in
the folder ``rebuild``, and names of its own for its images. Both go at the end, and what a
killed run has left goes at the beginning of the next one.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from arkes_build.core.digest import digest
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import Notice, silent
from arkes_build.pipeline.blueprint import read
from arkes_build.pipeline.machine import cores
from arkes_build.pipeline.opening import store_of
from arkes_build.pipeline.pipeline import ENGINE_MEMORY
from arkes_build.plan.actions import ActionType
from arkes_build.plan.planner import plan as make_plan
from arkes_build.plan.state import State
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine
    from arkes_build.history.rebuilt import NodeComparison
    from arkes_build.pipeline.blueprint import Blueprint
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.actions import Action
    from arkes_build.plan.state import Record
    from arkes_build.project.model import Project
    from arkes_build.store.model import Holder

FOLDER = "rebuild"
LOCK = "rebuild.lock"
_MARK = 8
"""Digits of the store's place in the names of the images."""


class NothingRecorded(ArkesError):
    """Report that there is no earlier build to compare with, or not of these files."""

    exit_code = ExitCode.SOURCE

    def __init__(self, action: Action) -> None:
        super().__init__(
            f"{action.node} cannot be compared: what stands in the store is not what "
            "the project's files say now",
            details="\n".join(str(reason) for reason in action.reasons),
            resolution=f"`arkes-build build {action.node}` builds it; then compare",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    """How a second build ended: the nodes in the order of the build, and what failed."""

    nodes: tuple[NodeComparison, ...]
    errors: tuple[ArkesError, ...]
    seconds: float

    @property
    def exit_code(self) -> ExitCode:
        """Return ``DIFFERENT`` when a node differs; else that of the first error."""
        if any(not node.is_same for node in self.nodes):
            return ExitCode.DIFFERENT
        return self.errors[0].exit_code if self.errors else ExitCode.OK


def rebuild(
    options: Options,
    targets: Sequence[str] = (),
    sink: Sink = silent,
    *,
    engine: Engine | None = None,
) -> Rebuilding:
    """Build the targets and all they need again, and compare each node with what is recorded.

    Without any, every node. With ``options.locked`` the second build takes nothing but what
    ``arkes.lock`` has. Raises ``NothingRecorded`` when the store does not have what
    the files describe, and what ``read`` and the engine raise. What fails to build is in
    the result.
    """
    begin = monotonic()
    blueprint = read(options, targets)
    path = options.store or store_of(blueprint.project.root, blueprint.project.config)
    store = Store.open(path, family=blueprint.family, arch=blueprint.arch, read_only=True)
    records = _recorded(blueprint, store)
    with _scratch(store, sink) as folder:
        own = engine or _engine(store, folder, sink)
        try:
            made, errors = _build_again(blueprint, options, folder, own, sink)
            nodes = _compare(store, records, folder, made)
        finally:
            if engine is None:
                own.close()
    return Rebuilding(nodes=nodes, errors=errors, seconds=monotonic() - begin)


def _names(blueprint: Blueprint) -> tuple[str, ...]:
    return tuple(blueprint.graph.needs(blueprint.targets or blueprint.graph.order()))


def _recorded(blueprint: Blueprint, store: Store) -> dict[str, Record]:
    """Return the records to compare with; raises ``NothingRecorded``."""
    names = _names(blueprint)
    state = store.state(names)
    for action in make_plan(blueprint.graph, blueprint.targets, state).actions:
        if action.type is not ActionType.REUSE:
            raise NothingRecorded(action)
    return {name: state.records[name] for name in names}


@contextmanager
def _scratch(store: Store, sink: Sink) -> Iterator[Path]:
    """Give an empty folder that goes at the end; one run at a time has it."""
    from arkes_build.store.lock import held

    def say(holder: Holder | None) -> None:
        sink(Notice(message=f"waiting for another comparison: {holder or 'another run'}"))

    folder = store.path / FOLDER
    with held(store.path / LOCK, on_wait=say):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _engine(store: Store, folder: Path, sink: Sink) -> Engine:
    """Start the engine with what the store knows of it, which stays as it is."""
    from arkes_build.engine.podman import PodmanEngine

    folder.mkdir()
    if (store.path / ENGINE_MEMORY).exists():
        shutil.copyfile(store.path / ENGINE_MEMORY, folder / ENGINE_MEMORY)
    podman = PodmanEngine(memory=folder / ENGINE_MEMORY, sink=sink)
    podman.start()
    return podman


def _build_again(
    blueprint: Blueprint, options: Options, folder: Path, engine: Engine, sink: Sink
) -> tuple[dict[str, Record], tuple[ArkesError, ...]]:
    from arkes_build.pipeline.builder import Builder
    from arkes_build.pipeline.locking import open_lock
    from arkes_build.pipeline.run import Run

    store = Store.open(folder, family=blueprint.family, arch=blueprint.arch)
    project, graph = _renamed(blueprint, folder), blueprint.graph
    names = _names(blueprint)
    tags = [f"localhost/{project.config.project.name}:{name}" for name in reversed(names)]
    sink(Notice(message=engine.describe()))
    engine.forget(tags)
    builder = Builder(
        project,
        engine=engine,
        store=store,
        repository=store.repository(),
        sink=sink,
        lockdown=open_lock(blueprint, store.cache) if options.locked else None,
    )
    plan = make_plan(graph, blueprint.targets, State(), rebuild=names)
    run = Run(graph, plan, State(), builder=builder, sink=sink, fresh=frozenset(names))
    jobs = options.jobs or project.config.build.jobs or cores()
    try:
        report = run.follow(begin=monotonic(), jobs=jobs, interrupt=engine.close)
    finally:
        engine.forget(tags)
    return dict(store.state(names).records), report.errors


def _renamed(blueprint: Blueprint, folder: Path) -> Project:
    """Return the project under a name of its own, by which refs and images are called.

    Without budgets: what is recorded was within them, or they are newer than it is.
    """
    config = blueprint.project.config
    mark = digest(str(folder.resolve()))[:_MARK]
    settings = replace(config.project, name=f"{config.project.name}-rebuild-{mark}")
    return replace(blueprint.project, config=replace(config, project=settings, budgets={}))


def _compare(
    store: Store, records: Mapping[str, Record], folder: Path, made: Mapping[str, Record]
) -> tuple[NodeComparison, ...]:
    from arkes_build.history.commits import History
    from arkes_build.history.rebuilt import Comparison

    if not made:
        return ()
    comparison = Comparison(History(store.path / "repo"), History(folder / "repo"))
    return tuple(
        comparison.of(record, made[name]) for name, record in records.items() if name in made
    )

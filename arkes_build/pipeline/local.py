"""Build a machine's own Systemfile on the release that the machine has.

There is no checkout of the project that made the release. So the Systemfile stands alone,
and ``FROM arkes:NAME`` means the release, if that is its name. Everything else is as in any
build: a key, a plan with reasons, layers that cost what they change. The node is committed to
the repository that has the release, where its files are already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import Notice, silent
from arkes_build.pipeline.bases import image_of, prepare
from arkes_build.plan.actions import ActionType
from arkes_build.plan.planner import plan as make_plan
from arkes_build.project.errors import PROJECT_FILE
from arkes_build.project.expand import expand
from arkes_build.project.loader import load_config, load_systemfile
from arkes_build.project.model import Outside, Project
from arkes_build.project.settings import BuildSettings, Config, ProjectSettings
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.core.source import Span
    from arkes_build.engine.protocol import Engine
    from arkes_build.pipeline.builder import Builder
    from arkes_build.pipeline.ground import Ground
    from arkes_build.pipeline.report import NodeReport
    from arkes_build.plan.actions import Action, Plan
    from arkes_build.plan.graph import BuildGraph
    from arkes_build.plan.state import Record, State
    from arkes_build.project.model import ResolvedVariant
    from arkes_build.store.model import Holder
    from arkes_build.store.repository import Repository

PROJECT = "local_build"
"""First part of the ref under which a build keeps its newest commit."""


class BaseDiffers(ArkesError):
    """Report a Systemfile that stands on another system than the machine has."""

    exit_code = ExitCode.SOURCE

    def __init__(self, wanted: str, *, there: str, where: Span | None) -> None:
        super().__init__(
            f"the Systemfile stands on {wanted}, this machine on arkes:{there}",
            resolution=f"write FROM arkes:{there}, or let the machine follow the other one "
            "(`os rebase REF`)",
            where=where,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a machine builds: its Systemfile, folder and repository; ``run`` is for one boot."""

    systemfile: Path
    folder: Path
    repository: Path
    run: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalBuilt:
    """The record of the machine's system; ``is_new`` when it was built just now.

    ``prepared`` are the seconds that the release took to be made ready for podman.
    """

    record: Record
    is_new: bool
    seconds: float
    prepared: float = 0.0


class LocalBuild:
    """Plan and build one Systemfile on one release. ``start`` makes the engine."""

    def __init__(
        self,
        site: Site,
        ground: Ground,
        sink: Sink = silent,
        *,
        start: Callable[[Path], Engine] | None = None,
    ) -> None:
        self._site = site
        self._ground = ground
        self._sink = sink
        self._start = start or self._podman
        self._project = _project(site.systemfile, ground)
        self.node = _node(self._project, site.systemfile, ground)

    def plan(self) -> Action:
        """Return what would be done, and why; changes nothing."""
        return self._plan(self._state(self._store(read_only=True))).actions[0]

    def build(self) -> LocalBuilt:
        """Build what is not up to date; raises what went wrong.

        The ref of the build moves only when all went well.
        """
        begin = monotonic()
        state = self._state(self._store(read_only=True))
        if self._plan(state).actions[0].type is ActionType.REUSE:
            record = state.records[self.node.name]
            return LocalBuilt(record=record, is_new=False, seconds=monotonic() - begin)
        store = self._store(read_only=False)
        with store.lock(self._say_who):
            base = prepare(
                self._site.folder / "bases",
                self._ground,
                repository=self._site.repository,
                run=self._site.run,
            )
            prepared = monotonic() - begin
            engine = self._start(base.storage)
            try:
                record = self._made(store, engine, begin)
            finally:
                engine.close()
        return LocalBuilt(
            record=record, is_new=True, seconds=monotonic() - begin, prepared=prepared
        )

    def _made(self, store: Store, engine: Engine, begin: float) -> Record:
        from arkes_build.pipeline.run import Run

        repository = store.repository()
        repository.adopt(image_of(self._ground).chain[0], self._ground.commit)
        self._sink(Notice(message=engine.describe()))
        state = self._state(store)
        run = Run(
            self._graph(),
            self._plan(state),
            state,
            builder=self._builder(store, repository, engine),
            sink=self._sink,
        )
        report = run.follow(begin=begin, jobs=1, interrupt=engine.close)
        _raise_first(report.nodes)
        record = self._state(store).records[self.node.name]
        repository.forget_layers(record.layers)
        before = state.records.get(self.node.name)
        if before is not None and before.image != record.image:
            # It has lost its tag to the new one; what both stand on stays.
            engine.forget((before.image,))
        return record

    def _builder(self, store: Store, repository: Repository, engine: Engine) -> Builder:
        from arkes_build.pipeline.builder import Builder

        return Builder(
            self._project,
            engine=engine,
            store=store,
            repository=repository,
            sink=self._sink,
            near=(self._ground.commit,),
        )

    def _graph(self) -> BuildGraph:
        from arkes_build.plan.graph import BuildGraph

        return BuildGraph.of((self.node,))

    def _plan(self, state: State) -> Plan:
        return make_plan(self._graph(), (self.node.name,), state)

    def _state(self, store: Store) -> State:
        return store.state((self.node.name,), self._sink)

    def _store(self, *, read_only: bool) -> Store:
        """Open the store; its repository is a link to the machine's."""
        path = self._site.folder / "store"
        store = Store.open(
            path, family=self._ground.family, arch=self._ground.arch, read_only=read_only
        )
        link = path / "repo"
        if not read_only and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(self._site.repository)
        return store

    def _podman(self, storage: Path) -> Engine:
        from arkes_build.engine.podman import PodmanEngine

        # What works is the same on every release; so it is asked once.
        return PodmanEngine(
            memory=self._site.folder / "engine.json", sink=self._sink, storage=storage
        )

    def _say_who(self, holder: Holder | None) -> None:
        self._sink(Notice(message=f"waiting for the store: {holder or 'another run'} holds it"))


def _project(systemfile: Path, ground: Ground) -> Project:
    """Return a project of nothing but settings: the release's names, and the machine's wishes.

    Most machines have no ``arkes.toml``; then nothing is imported that could check one.
    """
    folder = systemfile.parent
    release = ground.release
    named = ProjectSettings(
        name=PROJECT,
        title=release.get("NAME") or None,
        id=release.get("ID") or None,
        version=ground.version,
        epoch=ground.epoch,
        home_url=release.get("HOME_URL") or None,
        bug_report_url=release.get("BUG_REPORT_URL") or None,
    )
    config = Config(project=named, bootstrap={}, build=BuildSettings(jobs=None, store=None))
    if (folder / PROJECT_FILE).is_file():
        said = load_config(folder)
        config = replace(config, aur=said.aur, budgets=said.budgets)
    # Nobody updates from a machine's own builds, so no commit foretells anything.
    config = replace(config, updates=replace(config.updates, from_last=0))
    return Project(root=folder, config=config, variants={}, templates={}, is_implicit=True)


def _node(project: Project, systemfile: Path, ground: Ground) -> ResolvedVariant:
    """Return the node of a Systemfile; raises ``SourceError``, ``Unreadable``, ``BaseDiffers``."""
    part, findings = load_systemfile(systemfile, project)
    image = image_of(ground).image

    def look_up(name: str) -> Outside | None:
        return Outside(id=image, user="") if name == ground.node else None

    expansion = expand(
        project,
        family=ground.family,
        arch=ground.arch,
        systems=(part,),
        findings=findings,
        look_up=look_up,
    )
    if not expansion.nodes:
        raise BaseDiffers("nothing that is for this machine", there=ground.node, where=None)
    node = expansion.nodes[0]
    others = [name for name, found in node.images.items() if not found]
    if node.parent != ground.node or others:
        named = [f"arkes:{name}" for name in (*others, node.parent) if name and name != ground.node]
        wanted = named[0] if named else "something else"
        raise BaseDiffers(wanted, there=ground.node, where=_from(node))
    return node


def _from(node: ResolvedVariant) -> Span | None:
    found = [each.span for each in node.instructions if each.keyword == "FROM"]
    return found[-1] if found else None


def _raise_first(nodes: tuple[NodeReport, ...]) -> None:
    for node in nodes:
        if node.error is not None:
            raise node.error

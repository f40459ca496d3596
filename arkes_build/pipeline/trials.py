"""Test nodes: their newest commits become disks, the disks are booted, records are kept."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from arkes_build.core.events import (
    NodeFinished,
    NodeStarted,
    Notice,
    Outcome,
    RunPlanned,
    silent,
)
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.pipeline.blueprint import is_path, read, ref_of
from arkes_build.pipeline.opening import store_of
from arkes_build.pipeline.suspecting import suspects
from arkes_build.pipeline.trying import TESTS, Place, Request
from arkes_build.pipeline.ways import beginning, must_be_trusted
from arkes_build.store.lock import held
from arkes_build.store.store import Store, checked
from arkes_build.trial import files, records
from arkes_build.trial.denied import FILE, denials
from arkes_build.trial.errors import NoSuchCheck
from arkes_build.trial.model import Report, Subject
from arkes_build.trial.session import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arkes_build.core.events import Sink
    from arkes_build.history.commits import CommitInfo
    from arkes_build.pipeline.blueprint import Blueprint
    from arkes_build.pipeline.options import Options
    from arkes_build.trial.files import Found
    from arkes_build.trial.records import TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTest:
    """How a node did: a report, or the record of an earlier pass, or why it was not booted."""

    node: str
    commit: str
    report: Report | None = None
    before: TestRecord | None = None
    why_not: str = ""
    is_held: bool = False
    """Not booted because what it stands on failed."""

    @property
    def has_failed(self) -> bool:
        """Tell whether it was booted and something was wrong."""
        return self.report is not None and not self.report.has_passed


class Tester(Protocol):
    """Boot one node and look at it; ``pipeline.testing`` does, with a disk and QEMU."""

    def __call__(self, order: Order, commit: CommitInfo) -> Report:
        """Return what was found."""


def trials(
    options: Options,
    request: Request,
    sink: Sink = silent,
    *,
    tester: Tester | None = None,
) -> tuple[NodeTest, ...]:
    """Test nodes one after another, each after those that it stands on; without any, all.

    Raises what ``blueprint.read`` raises, ``CommitUnknown``, ``CheckUnusable``,
    ``NoSuchCheck``, ``NoUpgrade``, ``KeyNeeded``, and what making a disk and starting a
    machine raise.
    """
    place = _open(options, request)
    runner = _Run(
        place=place,
        request=request,
        sink=sink,
        tester=tester or _real(options, place, request, sink),
    )
    names = _in_order(place.blueprint, place.history)
    runner.look_ahead(names)
    sink(RunPlanned(nodes=names))
    with held(place.store.path / f"{TESTS}.lock", on_wait=_say_who(sink)):
        return tuple(runner.test(name) for name in names)


def _open(options: Options, request: Request) -> Place:
    blueprint = read(options, request.nodes)
    project = blueprint.project
    path = options.store or store_of(project.root, project.config)
    store = Store.open(path, family=blueprint.family, arch=blueprint.arch)
    if not store.has_repository:
        raise CommitUnknown(
            blueprint.targets[0] if blueprint.targets else "base", why="nothing was built here yet"
        )
    return Place(blueprint=blueprint, store=store, history=History(path / "repo"))


def _real(options: Options, place: Place, request: Request, sink: Sink) -> Tester:
    from arkes_build.pipeline.testing import Testing

    return Testing(options=options, place=place, request=request, sink=sink)


def _in_order(blueprint: Blueprint, history: History) -> tuple[str, ...]:
    """Return what is to be tested, parents first; without names, what was built."""
    graph = blueprint.graph
    refs = history.refs()
    wanted = [graph.node(name).name for name in blueprint.targets] or [
        name for name in graph.order() if ref_of(blueprint.project, graph.node(name)) in refs
    ]
    return tuple(name for name in graph.order() if name in wanted)


@dataclass(slots=True, kw_only=True)
class _Run:
    place: Place
    request: Request
    sink: Sink
    tester: Tester
    failed: dict[str, Report] = field(default_factory=dict)
    older: dict[str, str] = field(default_factory=dict)
    """Node → the commit that an upgrade of it begins at."""

    def look_ahead(self, names: Sequence[str]) -> None:
        """See that each upgrade that is wanted can be, before anything is made for one."""
        if not self.request.upgrade_from:
            return
        history, root = self.place.history, self.place.blueprint.project.root
        for node in names:
            commit = self._commit(node)
            if commit.kernel:
                old = beginning(history, self.request.upgrade_from, commit)
                must_be_trusted(root, history, old)
                self.older[node] = old.checksum

    def test(self, node: str) -> NodeTest:
        """Test one node, unless there is nothing to test or no reason to."""
        commit = self._commit(node)
        begin = time.monotonic()
        ended = self._ended(node, commit)
        self.sink(_finished(ended, time.monotonic() - begin))
        return ended

    def _ended(self, node: str, commit: CommitInfo) -> NodeTest:
        made = NodeTest(node=node, commit=commit.checksum)
        if not commit.kernel:
            return replace(made, why_not="it has no kernel: there is nothing to boot")
        below = self._failed_below(node)
        if below is not None:
            first = below.failures[0].name
            return replace(
                made,
                is_held=True,
                why_not=f"it stands on {below.subject.node}, whose {first} failed",
            )
        found = self._checks(node)
        order = self._order(node, commit, found)
        before = self._passed(node, commit, _tests(order))
        if before is not None:
            return replace(made, before=before)
        self.sink(NodeStarted(node=node, reason=f"boot {commit.checksum[:12]}"))
        report = self._examined(order, commit)
        self._remember(report, _tests(order))
        if not report.has_passed:
            self.failed[node] = report
        return replace(made, report=report)

    def _commit(self, node: str) -> CommitInfo:
        blueprint, history = self.place.blueprint, self.place.history
        ref = ref_of(blueprint.project, blueprint.graph.node(node))
        checksum = history.refs().get(ref)
        if checksum is None:
            raise CommitUnknown(node, why=f"build it first: arkes-build build {node}")
        return history.commit(checksum)

    def _failed_below(self, node: str) -> Report | None:
        below = self.place.blueprint.graph.needs((node,))
        return next((self.failed[name] for name in self.failed if name in below), None)

    def _checks(self, node: str) -> tuple[Found, ...]:
        found = [one for folder in self._folders(node) for one in files.find(folder)]
        chosen = files.chosen(found, node, self.request.only)
        shipped = any(one.startswith("validate.d") for one in self.request.only)
        if self.request.only and not chosen and not shipped:
            raise NoSuchCheck(self.request.only, tuple(one.name for one in found))
        return chosen

    def _folders(self, node: str) -> tuple[Path, ...]:
        """Return where checks of a node are: the project's, and beside its own Systemfile."""
        blueprint = self.place.blueprint
        own = [Path(each).parent for each in self.request.nodes if is_path(each)]
        file = blueprint.graph.node(node).file
        source = Path(file.source.name).resolve().parent if file else None
        beside = [folder for folder in own if folder.resolve() == source]
        roots = dict.fromkeys(path.resolve() for path in (blueprint.project.root, *beside))
        return tuple(root.joinpath(*files.FOLDER) for root in roots)

    def _passed(self, node: str, commit: CommitInfo, tests: str) -> TestRecord | None:
        """Return the record of an earlier pass of the same commit by the same checks."""
        request = self.request
        if request.is_again or request.is_fresh or request.only:
            return None
        before = records.read(
            self.place.tests, node, commit.checksum, is_upgrade=bool(request.upgrade_from)
        )
        if before is None or not before.has_passed or before.tests != tests:
            return None
        return before if before.upgraded_from == self.older.get(node, "") else None

    def _order(self, node: str, commit: CommitInfo, found: tuple[Found, ...]) -> Order:
        request, root = self.request, self.place.blueprint.project.root
        folder = records.place(
            self.place.tests,
            checked(node),
            commit.checksum,
            is_upgrade=bool(request.upgrade_from),
        )
        return Order(
            subject=Subject(node=node, commit=commit.checksum, version=commit.version),
            folder=folder,
            found=found,
            today=request.today,
            denials=denials(root.joinpath(*files.FOLDER, FILE)),
            only=request.only,
            verdict_seconds=request.verdict_seconds,
        )

    def _examined(self, order: Order, commit: CommitInfo) -> Report:
        report = self.tester(order, commit)
        if report.has_passed:
            return report
        return replace(report, suspects=suspects(self.place.history, self.place.tests, commit))

    def _remember(self, report: Report, tests: str) -> None:
        if not report.is_partial:
            made = records.record_of(report, tests=tests, when=int(self.request.now()))
            records.write(self.place.tests, made)


def _tests(order: Order) -> str:
    """Return the digest of what a pass proves: a check that was denied then is not of it."""
    node, today = order.subject.node, order.today
    left_out = [one.check for one in order.denials if one.holds(node, today)]
    return files.fingerprint(order.found, left_out)


def _finished(ended: NodeTest, seconds: float) -> NodeFinished:
    outcome = Outcome.PASSED
    message = ended.why_not
    if ended.why_not:
        outcome = Outcome.SKIPPED
    elif ended.report is None:
        outcome = Outcome.REUSED
        message = f"passed at {ended.commit[:12]} before; --again tests it once more"
    elif not ended.report.has_passed:
        outcome = Outcome.FAILED
        message = f"{ended.report.failures[0].name}: {ended.report.failures[0].message}"
    return NodeFinished(
        node=ended.node,
        outcome=outcome,
        seconds=seconds if ended.report else 0.0,
        commit=ended.commit,
        message=message,
    )


def _say_who(sink: Sink) -> Callable[[object], None]:
    return lambda holder: sink(
        Notice(message=f"waiting for another test: {holder or 'another run'} is at it")
    )

"""Boot one node for a test: its disk is made, a machine gets it, and updates are served."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.core.events import Notice, StepStarted
from arkes_build.history.view import View
from arkes_build.pipeline.trying import BOOTS
from arkes_build.pipeline.ways import beginning
from arkes_build.project.settings import UpdateSettings
from arkes_build.trial import upgrading
from arkes_build.trial.model import Subject
from arkes_build.trial.run import Started
from arkes_build.trial.serving import served
from arkes_build.trial.starting import Bench, machine, tested
from arkes_build.vm.accel import choose
from arkes_build.vm.tables import find_arch

if TYPE_CHECKING:
    from arkes_build.core.events import Event, Sink
    from arkes_build.history.commits import CommitInfo
    from arkes_build.pipeline.options import Options
    from arkes_build.pipeline.trying import Place, Request
    from arkes_build.trial.model import Report
    from arkes_build.trial.session import Order

SERVED = "served"
"""The folder in the store's cache that a test of an upgrade publishes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Testing:
    """Tests nodes of a place for one request."""

    options: Options
    place: Place
    request: Request
    sink: Sink

    def __call__(self, order: Order, commit: CommitInfo) -> Report:
        """Boot a disk of the commit, or of an older one that is upgraded to it.

        What no machine can be without is asked for first: a disk takes a while to make.
        """
        arch = find_arch(self.place.blueprint.arch.value)
        process.find(arch.qemu, wanted_for="a virtual machine")
        arch.find_firmware()
        if self.request.upgrade_from:
            return self._upgraded(order, commit)
        return tested(order, self._bench(order, self._disk(order, commit), commit), self.sink)

    def _upgraded(self, order: Order, new: CommitInfo) -> Report:
        old = beginning(self.place.history, self.request.upgrade_from, new)
        folder = self.place.store.cache / SERVED
        with ExitStack() as stack:
            address = stack.enter_context(served(folder))
            self._publish(order, (new.checksum, old.checksum), folder, address)
            # No node has a dot in its name, so this is nobody's disk.
            disk = self._disk(order, old, name=f"{old.node}.before.qcow2")
            bench = self._bench(order, disk, old)
            shutil.rmtree(bench.folder, ignore_errors=True)
            # Neither is of use to anybody else, and both are large.
            stack.callback(disk.unlink, missing_ok=True)
            stack.callback(shutil.rmtree, bench.folder, ignore_errors=True)
            accel = choose(find_arch(bench.arch), bench.kernel)
            running = stack.enter_context(machine(bench, accel))
            started = Started(machine=running, accel=accel.name, why_accel=accel.reason)
            subject = Subject(node=old.node, commit=old.checksum, version=old.version)
            return upgrading.run(order, subject, address, started, self.sink)

    def _publish(self, order: Order, releases: tuple[str, ...], folder: Path, address: str) -> None:
        """Bring the folder that is served up to date; signed, because machines want that.

        Nobody comes from another release than the older one, so that is the only delta.
        """
        from arkes_build.pipeline import publishing

        self._say(order, "publish to a server on the loopback")
        folder.mkdir(parents=True, exist_ok=True)
        request = publishing.Request(
            destination=folder,
            nodes=(order.subject.node,),
            url=address,
            releases=releases,
            updates=UpdateSettings(from_last=1, from_scratch=False),
        )
        publishing.publish(self.options, request, self._within(order))

    def _disk(self, order: Order, commit: CommitInfo, *, name: str = "") -> Path:
        from arkes_build.pipeline import disks

        folder = self.place.store.path / disks.FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        request = disks.Request(output=folder / name if name else None)
        return disks.make_disk(self.options, request, commit.checksum, self._within(order)).path

    def _bench(self, order: Order, disk: Path, commit: CommitInfo) -> Bench:
        upgrade = ".upgrade" if self.request.upgrade_from else ""
        return Bench(
            disk=disk,
            folder=self.place.store.cache / BOOTS / f"{order.subject.node}{upgrade}",
            arch=self.place.blueprint.arch.value,
            kernel=self._kernel(commit),
            is_fresh=self.request.is_fresh,
        )

    def _kernel(self, commit: CommitInfo) -> Path | None:
        """Return the image's kernel as it lies in the repository."""
        trees = self.place.history.trees
        found = View(trees, commit.root).file(f"usr/lib/modules/{commit.kernel}/vmlinuz")
        path = Path(trees.path(found, ".file")) if found else None
        return path if path is not None and path.is_file() else None

    def _within(self, order: Order) -> Sink:
        """Return a listener to whom a part of a test's work looks like a step of its node."""

        def hear(event: Event) -> None:
            if isinstance(event, StepStarted):
                self._say(order, event.text)
            elif isinstance(event, Notice):
                self.sink(event)

        return hear

    def _say(self, order: Order, text: str) -> None:
        self.sink(StepStarted(node=order.subject.node, index=0, total=0, text=text))

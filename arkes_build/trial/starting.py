"""Start the machine of a test: anew, or from where an earlier boot of the same disk was up."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.digest import bytes_digest
from arkes_build.core.events import Notice
from arkes_build.core.process import run as run_program
from arkes_build.trial.keeping import UP, Place, key_of
from arkes_build.trial.run import Started, run
from arkes_build.vm import inlet
from arkes_build.vm.accel import choose
from arkes_build.vm.errors import MachineError
from arkes_build.vm.machine import Machine
from arkes_build.vm.spec import Spec
from arkes_build.vm.tables import find_arch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.trial.model import Report
    from arkes_build.trial.run import Seen
    from arkes_build.trial.session import Order
    from arkes_build.vm.accel import Accel

MEMORY = 1024
CPUS = 2
_EMULATED = "rcupdate.rcu_cpu_stall_suppress=1 nosoftlockup"
"""A busy host lets an emulated processor wait for seconds, which is no fault of the guest's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a machine is made of; ``folder`` holds its layer of the disk, and is kept.

    ``kernel`` is the image's own, which KVM is tried with. ``memory`` is in MiB.
    """

    disk: Path
    folder: Path
    arch: str
    kernel: Path | None = None
    memory: int = MEMORY
    cpus: int = CPUS
    is_fresh: bool = False


def tested(order: Order, bench: Bench, sink: Sink) -> Report:
    """Test the system of a disk in a machine that is started for it.

    Raises ``ToolMissing`` and ``MachineError`` when there can be no machine.
    """
    accel = choose(find_arch(bench.arch), bench.kernel)
    place = _place(bench, accel)
    seen = None if bench.is_fresh else place.seen()
    if seen is not None:
        try:
            return _on(order, bench, accel, place, seen, sink)
        except MachineError as error:
            sink(Notice(message=f"the kept machine is of no use ({error.brief}): booting anew"))
    place.clear()
    return _on(order, bench, accel, place, None, sink)


def _on(
    order: Order, bench: Bench, accel: Accel, place: Place, seen: Seen | None, sink: Sink
) -> Report:
    with machine(bench, accel, snapshot=None if seen is None else UP) as running:
        started = Started(machine=running, accel=accel.name, why_accel=accel.reason, seen=seen)
        return run(order, started, sink, on_verdict=_keeper(running, place, sink))


def _keeper(running: Machine, place: Place, sink: Sink) -> Callable[[Seen], None]:
    def keep(seen: Seen) -> None:
        try:
            running.save(UP)
        except MachineError as error:
            sink(Notice(message=f"the machine cannot be kept for the next test: {error.brief}"))
        else:
            place.keep(seen)

    return keep


@contextmanager
def machine(bench: Bench, accel: Accel, *, snapshot: str | None = None) -> Iterator[Machine]:
    """Run a machine while the block runs; without a snapshot it boots."""
    console = f"console={find_arch(bench.arch).console}"
    spec = Spec(
        disk=bench.disk,
        folder=bench.folder,
        arch=bench.arch,
        memory=bench.memory,
        cpus=bench.cpus,
        accel=accel.name,
        kernel_extra=f"{console} {_EMULATED}" if accel.name == "tcg" else console,
        snapshot=snapshot,
    )
    with Machine(spec) as running:
        yield running


def _place(bench: Bench, accel: Accel) -> Place:
    qemu = find_arch(bench.arch).qemu
    version = run_program([qemu, "--version"]).output.partition("\n")[0]
    key = key_of(
        bench.disk,
        qemu=version,
        agent=bytes_digest(b"".join(inlet.credentials().values())),
        arguments=_EMULATED,
        accel=accel.name,
        arch=bench.arch,
        memory=bench.memory,
        cpus=bench.cpus,
    )
    return Place(folder=bench.folder, key=key)

"""Test a system in a machine: boot, verdict, checks, evidence; one value comes out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.events import silent
from arkes_build.trial.evidence import gather
from arkes_build.trial.model import Report
from arkes_build.trial.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.events import Sink
    from arkes_build.trial.machine import Machine
    from arkes_build.trial.session import Clock, Order
    from arkes_build.vm.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A boot that was seen earlier: its verdict, and the seconds it took."""

    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A machine that was started; ``seen`` when it goes on from an earlier boot."""

    machine: Machine
    accel: str
    why_accel: str
    seen: Seen | None = None


def run(
    order: Order,
    started: Started,
    sink: Sink = silent,
    *,
    on_verdict: Callable[[Seen], None] | None = None,
    clock: Clock = time.monotonic,
) -> Report:
    """Test the system in a machine that was started.

    ``on_verdict`` is called when the system is up and well, before any check touches it:
    the moment to keep the machine.
    """
    begin = clock()
    session = Session(machine=started.machine, order=order, sink=sink, clock=clock)
    if started.seen is not None:
        session.resume(order.subject, started.seen.verdict, started.seen.seconds)
    elif session.boot(order.subject) and session.verdict and not session.has_failed and on_verdict:
        on_verdict(Seen(verdict=session.verdict, seconds=session.verdict_seconds))
    session.examine(order.subject)
    session.look_at_console()
    return reported(session, started, clock() - begin)


def reported(
    session: Session, started: Started, seconds: float, *, upgraded_from: str = ""
) -> Report:
    """Return the report of a session that has come to its end, and keep its evidence."""
    order = session.order
    evidence = gather(
        session.machine,
        order.folder,
        has_failed=session.has_failed,
        answers=not session.is_gone,
    )
    return Report(
        subject=order.subject,
        accel=started.accel,
        why_accel=started.why_accel,
        verdict=session.verdict,
        verdict_seconds=session.verdict_seconds,
        checks=tuple(session.checks),
        seconds=seconds,
        folder=order.folder,
        is_resumed=started.seen is not None,
        is_partial=bool(order.only),
        evidence=evidence,
        upgraded_from=upgraded_from,
    )

"""Take one machine through a test: its word, its checks, and what tells of a failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from arkes_build.core.events import Notice, OutputLine, StepStarted
from arkes_build.trial.checking import SHIPPED, Examiner
from arkes_build.trial.console import last_line, lines, scanned
from arkes_build.trial.denied import denied
from arkes_build.trial.falling import Fell
from arkes_build.trial.files import chosen, is_asked
from arkes_build.trial.model import Check, Status
from arkes_build.trial.verdict import NAME, judged, missing
from arkes_build.trial.watching import watching
from arkes_build.vm.errors import MachineEnded, MachineError, TooLate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from arkes_build.core.errors import ArkesError
    from arkes_build.core.events import Sink
    from arkes_build.trial.denied import Denial
    from arkes_build.trial.files import Found
    from arkes_build.trial.machine import Machine, Result
    from arkes_build.trial.model import Subject
    from arkes_build.vm.verdict import Verdict

VERDICT_SECONDS = 600.0
_ALIVE_SECONDS = 20.0
_TAIL = 20
_LONGEST = 300
_REBOOT = ("systemctl", "--no-block", "reboot")
Clock = Callable[[], float]
Wait = Callable[[str, float], "Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a test; ``verdict_seconds`` is what a boot may take.

    ``found`` are the project's checks, ``only`` patterns of names (none: all).
    """

    subject: Subject
    folder: Path
    found: tuple[Found, ...]
    today: date
    denials: tuple[Denial, ...] = ()
    only: tuple[str, ...] = ()
    verdict_seconds: float = VERDICT_SECONDS


@dataclass(slots=True, kw_only=True)
class Session:
    """One machine and what was found in it so far."""

    machine: Machine
    order: Order
    sink: Sink
    clock: Clock = time.monotonic
    checks: list[Check] = field(default_factory=list)
    verdict: Verdict | None = None
    verdict_seconds: float = 0.0
    is_gone: bool = False
    stage: str = ""
    """What the names of checks begin with when there are several boots: ``upgraded``."""
    _steps: int = 0
    _total: int = 0

    def boot(self, subject: Subject, *, is_again: bool = False, wait: Wait | None = None) -> bool:
        """Wait for the verdict of a boot; tell whether there is one.

        The machine was just started, or with ``is_again`` is told to reboot. ``wait`` waits in
        a way of its own, for the boot after one with an id, until some time.
        """
        self._step("reboot" if is_again else "boot")
        begin = self.clock()
        before = self.verdict.boot if self.verdict else ""
        try:
            if is_again:
                self.machine.guest.run(_REBOOT, timeout=_ALIVE_SECONDS)
            with watching(self.machine, self.sink, subject.node):
                until = begin + self.order.verdict_seconds
                verdict = (wait or self._next_verdict)(before, until)
                self.machine.guest.wait(timeout=_ALIVE_SECONDS)
        except Fell as error:
            spent, name = self.clock() - begin, self._named(NAME)
            self.took(missing(error.brief, seconds=spent, output=error.details, name=name))
            return False
        except TooLate:
            self._silent(f"no verdict within {self.order.verdict_seconds:g} s", begin)
            return False
        except MachineError as error:
            self._silent(error.brief, begin)
            return False
        seconds = self.clock() - begin
        self.verdict, self.verdict_seconds = verdict, seconds
        name = self._named(NAME)
        self.took(judged(verdict, subject.commit, seconds=seconds, name=name))
        return True

    def resume(self, subject: Subject, verdict: Verdict, seconds: float) -> None:
        """Take over a boot that was seen earlier, of a machine that was kept since."""
        self._step("resume where an earlier boot was up")
        self.machine.guest.wait(timeout=_ALIVE_SECONDS)
        self.verdict, self.verdict_seconds = verdict, seconds
        self.took(judged(verdict, subject.commit, seconds=seconds, name=self._named(NAME)))

    def reboot(self, seconds: float | None = None) -> Verdict:
        """Reboot in order and return the verdict of it; raises ``MachineError``."""
        before = self.verdict.boot if self.verdict else ""
        self.machine.guest.run(_REBOOT, timeout=_ALIVE_SECONDS)
        allowed = self.order.verdict_seconds if seconds is None else seconds
        verdict = self._next_verdict(before, self.clock() + allowed)
        self.machine.guest.wait(timeout=_ALIVE_SECONDS)
        self.verdict = verdict
        return verdict

    def do(self, name: str, argv: Sequence[str], seconds: float) -> bool:
        """Run a program that a test needs; a failure of it is a failed check."""
        self._step(name)
        begin = self.clock()
        output = ""
        try:
            told = self.machine.guest.run(argv, env={"LC_ALL": "C.UTF-8"}, timeout=seconds)
        except MachineError as error:
            self.is_gone = not self._answers()
            why = error.brief
        else:
            why = _how(told, seconds) if told.exit else ""
            output = "\n".join(filter(None, (told.out, told.err)))
        self.took(
            Check(
                name=self._named(name),
                status=Status.FAILED if why else Status.PASSED,
                seconds=self.clock() - begin,
                message=why,
                output=output,
            )
        )
        return not why

    def examine(self, subject: Subject) -> None:
        """Run the checks of the image, then those of the project; each gets its result."""
        if self.verdict is None:
            return
        examiner = Examiner(
            machine=self.machine,
            subject=subject,
            verdict=self.verdict,
            reboot=self.reboot,
            clock=self.clock,
        )
        only, node = self.order.only, subject.node
        try:
            names = examiner.shipped()
        except MachineError as error:
            self._lost(error)
            names = ()
        shipped = [one for one in names if not only or is_asked(f"{SHIPPED}/{one}", only)]
        found = chosen(self.order.found, node, only)
        if only and not (shipped or found or self.is_gone):
            self._missed(only, names)
        self._total = self._steps + len(shipped) + len(found)
        for name in shipped:
            self._one(f"{SHIPPED}/{name}", node, partial(examiner.validated, name))
        for one in found:
            self._one(one.name, node, partial(examiner.checked, one))

    def look_at_console(self) -> None:
        """Hold all that the console showed against what no good boot has."""
        self.took(scanned(self.machine.console))

    @property
    def has_failed(self) -> bool:
        """Tell whether anything was wrong so far."""
        return any(one.status is Status.FAILED for one in self.checks)

    def took(self, check: Check) -> None:
        """Take in how a check ended, and say so when it failed."""
        self.checks.append(check)
        if check.status is Status.FAILED:
            node = self.order.subject.node
            self.sink(Notice(message=f"{node}: {check.name} failed: {check.message}"))

    def _one(self, name: str, node: str, run: Callable[[], Check]) -> None:
        """Run one check, unless it is denied or the guest is gone."""
        self._step(name)
        shown = self._named(name)
        why = denied(self.order.denials, name, node, self.order.today)
        if why:
            self.took(Check(name=shown, status=Status.DENIED, message=why))
        elif self.is_gone:
            self.took(Check(name=shown, status=Status.NOT_RUN, message="the guest was gone"))
        else:
            begin = self.clock()
            try:
                self.took(replace(run(), name=shown))
            except MachineError as error:
                spent = self.clock() - begin
                self.took(
                    Check(name=shown, status=Status.FAILED, seconds=spent, message=error.brief)
                )
                self.is_gone = isinstance(error, MachineEnded) or not self._answers()
        last = self.checks[-1]
        self.sink(OutputLine(node=node, text=f"{last.name}: {last.status.value}"))

    def _answers(self) -> bool:
        try:
            self.machine.guest.wait(timeout=_ALIVE_SECONDS)
        except MachineError:
            return False
        return True

    def _lost(self, error: ArkesError) -> None:
        self.is_gone = True
        self.took(Check(name=self._named("guest"), status=Status.FAILED, message=error.brief))

    def _missed(self, only: Sequence[str], names: Sequence[str]) -> None:
        """Fail when nothing was chosen: what the image ships is known only now."""
        there = ", ".join(f"{SHIPPED}/{one}" for one in names) or f"no {SHIPPED}"
        why = f"no check is called {' or '.join(only)}; the image has {there}"
        self.took(Check(name=self._named("checks"), status=Status.FAILED, message=why))

    def _next_verdict(self, before: str, until: float) -> Verdict:
        """Return the verdict of a boot that is another than ``before``."""
        allowed = left = until - self.clock()
        while left >= 0:
            verdict = self.machine.verdict(max(1.0, left))
            if verdict.boot != before:
                return verdict
            left = until - self.clock()
        # A guest may say the same again and again.
        raise TooLate("waiting for another boot's verdict", seconds=allowed)

    def _silent(self, why: str, begin: float) -> None:
        self.is_gone = not self._answers()
        last = last_line(self.machine.console)
        tail = "\n".join(list(lines(self.machine.console))[-_TAIL:])
        message = f"{why}; last on the console: {last}" if last else f"{why}; the console is empty"
        spent = self.clock() - begin
        self.took(missing(message, seconds=spent, output=tail, name=self._named(NAME)))

    def _named(self, name: str) -> str:
        return f"{self.stage}: {name}" if self.stage else name

    def _step(self, text: str) -> None:
        self._steps += 1
        total = self._total if self._steps <= self._total else 0
        node = self.order.subject.node
        named = self._named(text)
        self.sink(StepStarted(node=node, index=self._steps, total=total, text=named))


def _how(told: Result, seconds: float) -> str:
    """Return in one line how a program failed: in its own words, if it has some."""
    if told.is_late:
        return f"it did not end within {seconds:g} s"
    said = [line.strip() for line in (told.err or told.out).splitlines() if line.strip()]
    words = next((line for line in said if line.startswith("error:")), "".join(said[-1:]))
    how = f"it ended with exit code {told.exit}"
    return f"{how}: {words.removeprefix('error:').strip()[:_LONGEST]}" if words else how

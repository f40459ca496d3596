"""Wait for a release that is on trial: until it is up, or until the machine gave it up.

A release that does not come up starts the machine again before anybody hears of it, and after
three tries another one runs. Nobody waits for all of that: the machine notes for itself why a
try ended (``docs/boot.md``), and the next boot, whatever boots, can be asked.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.trial.verdict import judged
from arkes_build.vm.errors import MachineError, TooLate

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.trial.machine import Machine
    from arkes_build.vm.verdict import Verdict

LOOK_SECONDS = 20.0
"""How often the guest is asked which boot this is, while no verdict comes."""
_BRIEF_SECONDS = 5.0
_ALIVE_SECONDS = 120.0
_LONGEST = 300
_REASON = 'cat /var/lib/arkes/fallen/"$1".json || cat /var/lib/arkes/tries/"$1".*.json'


class Fell(MachineError):
    """Report a release that did not come up, with what the machine says of it."""

    def __init__(self, what: str, *, why: str = "") -> None:
        super().__init__(f"{what}: {why}" if why else what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Waits for the boot of one release."""

    machine: Machine
    commit: str
    clock: Callable[[], float]

    def __call__(self, before: str, until: float) -> Verdict:
        """Return the verdict of the boot after ``before``, if it is of this release, and up.

        Raises ``Fell`` when it is not, ``TooLate``, ``MachineEnded``.
        """
        verdict = self._verdict(before, until)
        if verdict is None:
            raise Fell("it did not come up at its first try", why=self._reason())
        if verdict.is_complete and verdict.deployment.partition(".")[0] == self.commit:
            return verdict
        raise Fell(judged(verdict, self.commit, seconds=0.0).message, why=self._reason())

    def _verdict(self, before: str, until: float) -> Verdict | None:
        """Return the next verdict, None when the machine was started again without one."""
        boots: set[str] = set()
        while len(boots) <= 1:
            left = until - self.clock()
            try:
                verdict = self.machine.verdict(max(1.0, min(left, LOOK_SECONDS)))
            except TooLate:
                if left <= LOOK_SECONDS:
                    raise
                with suppress(MachineError):
                    boots |= {self.machine.guest.wait(timeout=_BRIEF_SECONDS)} - {before}
            else:
                if verdict.boot != before:
                    return verdict
        return None

    def _reason(self) -> str:
        """Return what the machine noted of this release's tries; empty when it cannot say."""
        try:
            self.machine.guest.wait(timeout=_ALIVE_SECONDS)
            script = ("/bin/sh", "-c", f"{{ {_REASON}; }} 2>/dev/null", "sh", self.commit)
            told = json.loads(self.machine.guest.run(script, timeout=_ALIVE_SECONDS).out)
            reasons = [told.get("reason"), *(one["reason"] for one in told.get("boots", ()))]
        except (MachineError, ValueError, AttributeError, KeyError, TypeError, RecursionError):
            return ""
        return next((one[:_LONGEST] for one in reasons if one and isinstance(one, str)), "")

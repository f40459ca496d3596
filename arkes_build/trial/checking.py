"""Run one check in a guest and turn whatever happens into how it ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.trial.errors import CheckFailed, NotApplicable
from arkes_build.trial.faults import fault_of
from arkes_build.trial.files import interpreter, load
from arkes_build.trial.guest import Guest
from arkes_build.trial.model import Check, Status
from arkes_build.vm.errors import GuestRefused, MachineEnded, TooLate

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.trial.files import Found
    from arkes_build.trial.machine import Machine, Result
    from arkes_build.trial.model import Subject
    from arkes_build.vm.verdict import Verdict

NOT_APPLICABLE = 77
"""Exit code of a check that says nothing about this machine (as in Automake's test driver)."""
SHIPPED = "validate.d"
"""What the names of the image's own checks begin with."""
VALIDATE = f"/usr/lib/system/{SHIPPED}"
VALIDATE_SECONDS = 60.0
MOST_SHIPPED = 200
"""More than an image would ever ship; a guest could name any number."""
LONGEST_OUTPUT = 64 * 1024
"""Characters of a check's output that are kept, from its end."""
_PLACE = "/run/arkes-check"
_LIST = """\
cd "$1" 2>/dev/null || exit 0
for file in *; do
  case $file in *~) continue;; esac
  if [ -f "$file" ] && [ -x "$file" ]; then printf '%s\\n' "$file"; fi
done
"""
_ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


@dataclass(slots=True, kw_only=True)
class Examiner:
    """Runs checks in one machine, one after the other."""

    machine: Machine
    subject: Subject
    verdict: Verdict
    reboot: Callable[[float], Verdict] | None = None
    clock: Callable[[], float] = time.monotonic

    def shipped(self) -> tuple[str, ...]:
        """Return the names of the image's own checks, in their order; raises ``MachineError``."""
        listed = self._ask(["/bin/sh", "-c", _LIST, "sh", VALIDATE], VALIDATE_SECONDS)
        return tuple(sorted(name for name in listed.out.splitlines() if name))[:MOST_SHIPPED]

    def validated(self, name: str) -> Check:
        """Run one of the image's own checks."""
        path = f"{VALIDATE}/{name}"
        return self._script(f"{SHIPPED}/{name}", [path], VALIDATE_SECONDS)

    def checked(self, found: Found) -> Check:
        """Run one check of the project."""
        if not found.function:
            return replace(self._shell(found), title=found.title)
        begin = self.clock()
        guest = Guest(
            self.machine,
            self.subject,
            self.verdict,
            until=begin + found.headers.timeout,
            clock=self.clock,
            reboot=self.reboot,
        )
        made = Check(name=found.name, title=found.title, status=Status.PASSED)
        try:
            load(found.path)[found.function](guest)
        except NotApplicable as why:
            made = replace(made, status=Status.NOT_APPLICABLE, message=_line(str(why)))
        except (MachineEnded, TooLate):
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a check may raise anything
            # `sys.exit()` too: it would end the whole run, and nobody would see a failure.
            made = _failure(made, found, error)
        self.verdict = guest.verdict
        return replace(made, seconds=self.clock() - begin)

    def _shell(self, found: Found) -> Check:
        path = f"{_PLACE}/{found.path.name}"
        self._ask(["mkdir", "-p", _PLACE], found.headers.timeout)
        self.machine.guest.put(found.text.encode(), path, mode=0o700)
        return self._script(found.name, [*interpreter(found.text), path], found.headers.timeout)

    def _script(self, name: str, argv: list[str], seconds: float) -> Check:
        begin = self.clock()
        try:
            result = self._ask(argv, seconds)
        except GuestRefused as error:
            why = _line(error.details)
            return Check(name=name, status=Status.FAILED, message=f"it cannot be run: {why}")
        output = "\n".join(part.rstrip() for part in (result.out, result.err) if part.strip())
        last = _line(output.rpartition("\n")[2])
        made = Check(
            name=name,
            status=Status.PASSED,
            seconds=self.clock() - begin,
            output=output[-LONGEST_OUTPUT:],
        )
        if result.exit == 0:
            return made
        if result.exit == NOT_APPLICABLE:
            return replace(made, status=Status.NOT_APPLICABLE, message=last)
        if result.is_late:
            last = f"it took longer than {seconds:g} s"
        return replace(
            made, status=Status.FAILED, message=last or f"it ended with exit code {result.exit}"
        )

    def _ask(self, argv: list[str], seconds: float) -> Result:
        return self.machine.guest.run(argv, env=_ENVIRONMENT, timeout=seconds)


def _failure(made: Check, found: Found, error: BaseException) -> Check:
    fault = fault_of(found.path, error)
    message = str(error)
    if isinstance(error, ArkesError):
        message = ": ".join(filter(None, (error.brief, error.details.strip())))
    elif isinstance(error, AssertionError):
        message = message or f"not so: {fault.source.removeprefix('assert ')}"
    else:
        message = f"{type(error).__name__}: {message}"
    output = error.output if isinstance(error, CheckFailed) else fault.known
    return replace(
        made,
        status=Status.FAILED,
        message=_line(message),
        output=output[-LONGEST_OUTPUT:],
        where=fault.where,
    )


def _line(text: str) -> str:
    return " ".join(text.split())[:400]

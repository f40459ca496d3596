"""Give a check the few words it needs to look into a guest; ``docs/boot-tests.md`` tells them."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, NoReturn

from arkes_build.trial.errors import CheckFailed, NotApplicable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arkes_build.trial.machine import Machine, Result
    from arkes_build.trial.model import Subject
    from arkes_build.vm.verdict import Verdict

_TAIL = 20
_ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


class Guest:
    """The system under test, for one check at a time."""

    def __init__(
        self,
        machine: Machine,
        subject: Subject,
        verdict: Verdict,
        *,
        until: float,
        clock: Callable[[], float] = time.monotonic,
        reboot: Callable[[float], Verdict] | None = None,
    ) -> None:
        self._machine = machine
        self._until = until
        self._clock = clock
        self._reboot = reboot
        self.node = subject.node
        self.commit = subject.commit
        self.verdict = verdict

    def run(
        self,
        *argv: str,
        check: bool = True,
        timeout: float | None = None,
        user: str = "",
    ) -> Result:
        """Run a program as root, or as ``user``; another exit code than 0 fails the check.

        ``timeout`` is in seconds, and never more than the check has left.
        """
        words = _as_user(user, argv) if user else argv
        result = self._machine.guest.run(list(words), env=_ENVIRONMENT, timeout=self._left(timeout))
        if check and result.exit:
            raise _failed(shlex.join(argv), result)
        return result

    def shell(
        self, script: str, *, check: bool = True, timeout: float | None = None, user: str = ""
    ) -> Result:
        """Run a script by ``/bin/sh -e``; the rest is as for ``run``."""
        argv = ("/bin/sh", "-ec", script)
        result = self.run(*argv, check=False, timeout=timeout, user=user)
        if check and result.exit:
            raise _failed(script.strip().partition("\n")[0], result)
        return result

    def out(self, *argv: str, timeout: float | None = None, user: str = "") -> str:
        """Return what a program prints, without the line end; it has to exit with 0."""
        return self.run(*argv, timeout=timeout, user=user).out.rstrip("\n")

    def file(self, path: str) -> str:
        """Return the text of a file; one that cannot be read fails the check."""
        return self.run("cat", "--", path).out

    def exists(self, path: str) -> bool:
        """Tell whether something has this path; a link is something."""
        script = '[ -e "$1" ] || [ -L "$1" ]'
        return self.run("/bin/sh", "-c", script, "sh", path, check=False).exit == 0

    def put(self, path: str, content: str | bytes, *, mode: int = 0o644) -> None:
        """Write a file in the guest."""
        self._left(None)
        data = content.encode() if isinstance(content, str) else content
        self._machine.guest.put(data, path, mode=mode)

    def wait_for(self, *argv: str, seconds: float = 30, user: str = "") -> Result:
        """Run a program every second until it exits with 0; fail the check when it never does."""
        end = min(self._clock() + seconds, self._until)
        while True:
            result = self.run(*argv, check=False, user=user)
            if not result.exit:
                return result
            if self._clock() + 1 > end:
                raise _failed(f"{shlex.join(argv)} (for {seconds:g} s)", result)
            time.sleep(1)

    def reboot(self) -> Verdict:
        """Reboot in order and wait for the next verdict, which is returned and kept."""
        if self._reboot is None:
            raise CheckFailed("this machine cannot be rebooted here")
        self.verdict = self._reboot(self._left(None))
        return self.verdict

    def not_applicable(self, why: str) -> NoReturn:
        """End the check: it says nothing about this machine."""
        raise NotApplicable(why)

    def _left(self, wanted: float | None) -> float:
        left = self._until - self._clock()
        if left <= 0:
            raise CheckFailed("it took longer than it may")
        return left if wanted is None else min(wanted, left)


def _as_user(user: str, argv: Sequence[str]) -> tuple[str, ...]:
    script = 'export XDG_RUNTIME_DIR="/run/user/$(id -u)"; exec "$@"'
    return ("runuser", "-l", user, "-s", "/bin/sh", "-c", f"set -- {shlex.join(argv)}; {script}")


def _failed(what: str, result: Result) -> CheckFailed:
    output = "\n".join(part.rstrip() for part in (result.out, result.err) if part.strip())
    tail = output.splitlines()[-_TAIL:]
    how = "did not end in time" if result.is_late else f"exit code {result.exit}"
    last = f": {tail[-1].strip()}" if tail else ""
    return CheckFailed(f"{what[:120]}: {how}{last}", output=output)

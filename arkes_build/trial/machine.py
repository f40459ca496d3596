"""Name what a test wants of a machine; ``vm.machine`` has one, the tests have a fake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from arkes_build.vm.verdict import Verdict


class Result(Protocol):
    """What a program in the guest left."""

    @property
    def exit(self) -> int:
        """Return its exit code; negative: the signal that ended it."""

    @property
    def out(self) -> str:
        """Return its standard output."""

    @property
    def err(self) -> str:
        """Return its standard error."""

    @property
    def is_late(self) -> bool:
        """Tell whether it was killed after its time."""


class Agent(Protocol):
    """Who does things in the guest for us, as root."""

    def run(
        self,
        argv: Sequence[str] | str,
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = ...,
    ) -> Result:
        """Run a program, or a text as a script; ``timeout`` is in seconds."""

    def put(self, source: Path | bytes, target: str, *, mode: int = ...) -> None:
        """Write a file in the guest."""

    def wait(self, *, timeout: float) -> str:
        """Wait until the guest answers; return the kernel's id of this boot."""


class Machine(Protocol):
    """A machine that runs."""

    @property
    def guest(self) -> Agent:
        """Return who does things in the guest."""

    @property
    def console(self) -> str:
        """Return what the console showed so far."""

    def verdict(self, timeout: float) -> Verdict:
        """Wait for the guest's word about its boot; raises ``TooLate``, ``MachineEnded``."""

    def save(self, name: str) -> None:
        """Keep the machine as it is now under a name, in its own disk."""

    def screenshot(self, path: Path) -> None:
        """Write what the screen shows, as PNG."""

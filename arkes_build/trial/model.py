"""Hold what a test of a system found: the verdict, each check, and what there is to look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.vm.verdict import Verdict


class Status(Enum):
    """Say how a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    """It says nothing about this machine."""
    DENIED = "denied"
    """Known to fail, and left out until a day that is named."""
    NOT_RUN = "not run"
    """The guest was gone before its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How one check ended; ``message`` is one line, ``output`` all that was printed.

    Both may hold whatever the guest sent. ``where`` is ``file:line`` of what failed.
    """

    name: str
    status: Status
    seconds: float = 0.0
    title: str = ""
    message: str = ""
    output: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is tested: a node at a commit."""

    node: str
    commit: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a test found; ``folder`` has the console log and what else tells of a failure."""

    subject: Subject
    accel: str
    """``kvm`` or ``tcg``."""
    why_accel: str
    verdict: Verdict | None
    verdict_seconds: float
    """From power-on to the verdict; in a resumed test those of the boot that was seen."""
    checks: tuple[Check, ...]
    seconds: float
    folder: Path
    is_resumed: bool = False
    """Whether the machine went on from where an earlier boot of the same disk was up."""
    is_partial: bool = False
    """Whether only some checks were asked for."""
    evidence: tuple[str, ...] = ()
    """Names of files in the folder."""
    upgraded_from: str = ""
    """The older commit of a test that upgrades; else empty."""
    suspects: tuple[str, ...] = ()
    """What changed since the last commit that passed, if this one fails."""

    @property
    def failures(self) -> tuple[Check, ...]:
        """Return the checks that failed, in the order in which they ran."""
        return tuple(one for one in self.checks if one.status is Status.FAILED)

    @property
    def has_passed(self) -> bool:
        """Tell whether the system came up and nothing failed."""
        return self.verdict is not None and not self.failures

    def counted(self, status: Status) -> int:
        """Return how many checks ended like this."""
        return sum(one.status is status for one in self.checks)

"""Decide which nodes may go out: those whose test passed, and whose foundation's did.

1. A node that has a kernel goes out when its newest commit has a passing record.
2. A node without a kernel has nothing to boot: it goes out when all that it stands on may.
3. A node whose test failed holds back everything that stands on it, whatever their tests say.
4. A node that was not tested holds back itself, and those without a kernel that stand on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.trial.records import TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A node that may go out; ``records`` are those of its newest commit: boot, upgrade.

    ``parents`` are nodes that it stands on.
    """

    node: str
    can_boot: bool
    parents: tuple[str, ...] = ()
    records: tuple[TestRecord, ...] = ()

    @property
    def failure(self) -> TestRecord | None:
        """Return the record of a test that failed, None when none did."""
        return next((one for one in self.records if not one.has_passed), None)

    @property
    def is_untested(self) -> bool:
        """Tell whether it could boot and nobody saw it do so."""
        return self.can_boot and not self.records


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A node that is held back; ``fault`` is the node at fault, itself or one below it.

    ``check`` is the check that failed there, empty when it was not tested.
    """

    node: str
    fault: str
    check: str
    why: str

    @property
    def text(self) -> str:
        """Return the reason in words."""
        if self.check:
            what = f"{self.check} failed" + (f": {self.why}" if self.why else "")
            return what if self.fault == self.node else f"stands on {self.fault}, whose {what}"
        if self.fault == self.node:
            return f"was not tested: arkes-build test {self.node}"
        return f"stands on {self.fault}, which was not tested: arkes-build test {self.fault}"


def refused(candidates: Mapping[str, Candidate]) -> dict[str, Refusal]:
    """Return who is held back, and why, by node; the others may go out.

    ``candidates`` has every node that anything stands on, also those nobody publishes.
    """
    found = {}
    for name in sorted(candidates):
        refusal = _refused(name, candidates)
        if refusal is not None:
            found[name] = refusal
    return found


def _refused(name: str, candidates: Mapping[str, Candidate]) -> Refusal | None:
    line = [candidates[one] for one in _lineage(name, candidates)]
    # The lowest one at fault is the reason of all above it.
    for one in reversed(line):
        failure = one.failure
        if failure is not None:
            check = failure.failed[0] if failure.failed else "test"
            return Refusal(node=name, fault=one.node, check=check, why=failure.why)
    nearest = line if not candidates[name].can_boot else line[:1]
    for one in nearest:
        if one.is_untested:
            return Refusal(node=name, fault=one.node, check="", why="")
    return None


def _lineage(name: str, candidates: Mapping[str, Candidate]) -> list[str]:
    """Return a node and all that it stands on, itself first, each before what is below it."""
    order: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop(0)
        if one in order or one not in candidates:
            continue
        order[one] = None
        waiting += candidates[one].parents
    return list(order)

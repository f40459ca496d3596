"""Join what was tested with what stands on what: who may go out, and who is held back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.delivery.publishing.published import HeldBack
from arkes_build.pipeline.trying import TESTS
from arkes_build.trial import records
from arkes_build.trial.gate import Candidate, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.pipeline.opening import Opened
    from arkes_build.plan.state import Record


class NothingTested(ArkesError):
    """Report that everything that was to go out is held back."""

    exit_code = ExitCode.BOOT

    def __init__(self, held: Sequence[HeldBack]) -> None:
        super().__init__(
            "nothing is published: every node is held back",
            details="\n".join(f"{one.node}: {one.why}" for one in held),
            resolution="test what was not tested, mend what failed, then publish again",
        )


def held_back(
    opened: Opened, history: History, refs: Mapping[str, str], wanted: Sequence[str]
) -> tuple[HeldBack, ...]:
    """Return which of the wanted nodes may not go out; raises ``NothingTested`` for all of them.

    ``refs`` are those of the project by node: everything that anybody stands on.
    """
    tests = opened.store.path / TESTS
    state = opened.store.state(refs)
    candidates = {
        node: _candidate(node, history.commit(commit), tests, state.records.get(node))
        for node, commit in refs.items()
    }
    found = refused(candidates)
    held = tuple(
        HeldBack(
            node=node,
            commit=refs[node],
            fault=found[node].fault,
            check=found[node].check,
            why=found[node].text,
        )
        for node in sorted(wanted)
        if node in found
    )
    if wanted and len(held) == len(set(wanted)):
        raise NothingTested(held)
    return held


def _candidate(node: str, commit: CommitInfo, tests: Path, built: Record | None) -> Candidate:
    found = (
        records.read(tests, node, commit.checksum, is_upgrade=is_upgrade)
        for is_upgrade in (False, True)
    )
    boot, upgrade = found
    # An upgrade that worked is no boot from a fresh disk; one that failed is a failure.
    counted = (boot, upgrade if boot or (upgrade and not upgrade.has_passed) else None)
    return Candidate(
        node=node,
        can_boot=bool(commit.kernel),
        parents=_parents(commit, built),
        records=tuple(one for one in counted if one is not None),
    )


def _parents(commit: CommitInfo, built: Record | None) -> tuple[str, ...]:
    """Return what a node stands on: as its commit says, else as its record of the build does.

    Records may be gone, or of another build; who forgot its foundation would pass any gate.
    """
    try:
        return tuple(map(str, json.loads(commit.inputs)["parents"]))
    except (ValueError, TypeError, KeyError):
        return tuple(built.inputs.parents) if built is not None else ()


def has_failed(opened: Opened, node: str, commit: str) -> bool:
    """Tell whether a release's test failed: an older one that was held back stays at home."""
    record = records.read(opened.store.path / TESTS, node, commit)
    return record is not None and not record.has_passed

"""The parts of tests/boot/scenarios that need no machine."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "boot"))

from scenario import cuts, table

TIMES = {"pull": 20.0, "stage": 9.0, "finish": 12.0, "prune": 6.0, "trial": 90.0}


def test_forty_cuts_fall_into_every_phase_and_all_over_it() -> None:
    planned = cuts.planned(40, TIMES)
    assert [cut.number for cut in planned] == list(range(1, 41))
    assert Counter(cut.phase.name for cut in planned) == {
        phase.name: phase.share for phase in cuts.PHASES
    }
    assert [cut.after for cut in planned if cut.phase.name == "trial"] == [15.0, 45.0, 75.0]
    assert all(cut.after < TIMES[cut.phase.name] for cut in planned)


@pytest.mark.parametrize("count", [4, 5, 10, 20])
def test_fewer_cuts_are_as_many_as_asked_for(count: int) -> None:
    assert len(cuts.planned(count, TIMES)) == count


def row(phase: str, *, broken: tuple[str, ...] = (), booted: str = "") -> dict[str, object]:
    return {
        "phase": phase, "broken": list(broken), "bootable": 1, "booted": booted,
        "is_good": not broken,
    }  # fmt: skip


DONE = {
    "stories": {
        "life": {"is_good": True, "seconds": 61.2, "seen": ["a | b", "c\nd"], "trouble": ""},
        "full": {"is_good": False, "seconds": 5, "seen": [], "trouble": "Failed: no"},
    },
    "cuts": {"rows": {"1": row("pull", booted="base"), "2": row("stage", broken=("e2fsck",))}},
}
TABLE = """\
| scenario | result | seconds | seen |
|---|---|---:|---|
| life | good | 61 | a \\| b; c d |
| full | **failed** | 5 | Failed: no |

| power cut in | cuts | nothing bootable | anything broken | booted again | into |
|---|---:|---:|---:|---:|---|
| pull | 1 | 0 | 0 | 1 | 1 × base |
| stage | 1 | 0 | 1 | 0 |  |
| all | 2 | 0 | 1 | 1 | 1 × base |
"""


def test_what_was_seen_becomes_two_tables() -> None:
    assert table.markdown(DONE) == TABLE


def test_one_failure_is_a_failure() -> None:
    assert not table.is_good(DONE)
    assert not table.is_good({})
    assert table.is_good({"stories": {"life": DONE["stories"]["life"]}})

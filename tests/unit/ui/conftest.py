"""A run, a plan and some errors, as the tables and listeners get them."""

import io
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import Outcome
from arkes_build.core.source import Source
from arkes_build.plan.actions import Action, ActionType, Estimate, Plan, Reason
from arkes_build.project.model import LeftOut
from arkes_build.ui.screen import Screen

GOLDEN = Path(__file__).parents[2] / "golden" / "ui"
COMMIT = "0123456789abcdef" * 4
SOURCE = Source(
    "variants/atomic.Containerfile",
    "# x-templates=nvidia,system76\nFROM arkes:base\nRUN package_layer sway \\\n\tnosuch\n",
)


class NoPackage(ArkesError):
    exit_code = ExitCode.PACKAGE


@dataclass(frozen=True)
class End:
    node: str
    outcome: Outcome
    reasons: tuple = ()
    seconds: float = 0.0
    size: int = 0
    ref: str = ""
    commit: str = ""
    error: ArkesError | None = None


@dataclass(frozen=True)
class Run:
    nodes: tuple
    seconds: float
    left_out: tuple = ()


@dataclass(frozen=True)
class Ref:
    ref: str
    commit: str
    node: str
    version: str
    key: str
    timestamp: int
    parent: str | None = None
    kernel: str = ""
    packages: int = 0


def built(node, outcome, reasons, seconds, size):
    why = tuple(Reason(text=text, where=where) for text, where in reasons)
    ref = f"arkes/x86_64/{node}"
    return End(node, outcome, why, seconds, size, ref, COMMIT)


@pytest.fixture
def no_package():
    start = SOURCE.text.index("nosuch")
    return NoPackage(
        "atomic: there is no package 'nosuch'",
        details="Reading package lists...\nE: Unable to locate package \x1b[1mnosuch\x1b[0m\n\n"
        "the whole log: .arkes/logs/atomic/0123456789ab.log",
        resolution="correct the name in the line above,\nor add the repository that has it",
        where=SOURCE.span(start, start + 6),
    )


@pytest.fixture
def left_out():
    return LeftOut(
        name="atomic-system76",
        reason="template system76 is for arch, this run is for debian",
        span=SOURCE.span(0, 29),
    )


@pytest.fixture
def report(no_package, left_out):
    changes = [
        ("argument VERSION_ID changed", "arkes.toml:3"),
        ("RUN changed", "variants/base.Containerfile:12"),
        ("content changed", "overlay/base/etc/motd"),
        ("mode changed", "overlay/base/usr/bin/hello"),
        ("COPY is new", "variants/base.Containerfile:40"),
    ]
    above = [("base came out different", "")]
    return Run(
        nodes=(
            built("rootfs", Outcome.REUSED, [], 0.0, 188743680),
            built("base", Outcome.BUILT, changes, 75.31, 1027604480),
            built("base-slim", Outcome.UNCHANGED, above, 5.26, 734003200),
            End("atomic", Outcome.FAILED, seconds=44.04, error=no_package),
            End("atomic-nvidia", Outcome.SKIPPED, (Reason(text="atomic failed"),)),
        ),
        seconds=119.4,
        left_out=(left_out,),
    )


@pytest.fixture
def plan(left_out):
    changed = Reason(text="RUN changed", where="variants/base.Containerfile:12")
    return Plan(
        actions=(
            Action(node="rootfs", type=ActionType.REUSE, reasons=(), key="a" * 64, seconds=61.0),
            Action(
                node="base", type=ActionType.BUILD, reasons=(changed,), key="b" * 64, seconds=75.3
            ),
            Action(
                node="atomic",
                type=ActionType.WAIT,
                reasons=(Reason(text="base is built first"),),
                key=None,
            ),
        ),
        left_out=(left_out,),
        estimate=Estimate(
            seconds=75.3, work=75.3, path=("base", "atomic"), path_seconds=75.3, unknown=("atomic",)
        ),
    )


@pytest.fixture
def refs():
    return (
        Ref(
            "arkes/x86_64/atomic",
            COMMIT,
            "atomic",
            "2026.11",
            "c" * 64,
            1_780_000_000,
            "d" * 64,
            "6.1.0-28-amd64",
            812,
        ),
        Ref("arkes/x86_64/base", COMMIT[::-1], "base", "", "", 0),
    )


@pytest.fixture
def screen():
    """Return a maker of screens that write into memory."""

    def make(width=None, *, colour=False, moves=False):
        return Screen(stream=io.StringIO(), moves=moves, colour=colour, width=width)

    return make


@pytest.fixture
def golden():
    """Return a check against a golden file; ``ARKES_WRITE_GOLDEN=1`` writes it anew."""

    def compare(name, lines):
        path = GOLDEN / name
        text = "\n".join([*lines, ""])
        if os.environ.get("ARKES_WRITE_GOLDEN") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert text == path.read_text()

    return compare

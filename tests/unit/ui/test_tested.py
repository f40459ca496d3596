"""Show how tests ended: nothing that a guest sent drives a terminal."""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import jsonschema

from arkes_build.trial.model import Check, Report, Status, Subject
from arkes_build.trial.records import TestRecord
from arkes_build.ui import schemas
from arkes_build.ui.screen import Screen
from arkes_build.ui.tested import trial_lines, trial_shape
from arkes_build.vm.verdict import Verdict

COMMIT = "0123456789abcdef" * 4
SCREEN = Screen(stream=io.StringIO(), moves=False, colour=False, width=None)
VERDICT = Verdict(
    state="running",
    is_complete=True,
    failed=(),
    deployment=f"{COMMIT}.0",
    kernel="6.12.0",
    times={"kernel": 12.0, "userspace": 79.5, "total": 91.5},
    boot="b",
    uptime=95.0,
)
REPORT = Report(
    subject=Subject(node="base", commit=COMMIT, version="2026.11"),
    accel="tcg",
    why_accel="/dev/kvm is not there",
    verdict=VERDICT,
    verdict_seconds=98.0,
    checks=(
        Check(name="verdict", status=Status.PASSED, seconds=98.0),
        Check(
            name="var.py::test_home",
            status=Status.FAILED,
            seconds=1.5,
            message="\x1b[2Jno \x1b]0;title\x07home",
            output="\n".join(f"line {number}\x1b[31m" for number in range(14)),
            where="var.py:7",
        ),
        Check(name="tpm.sh", status=Status.NOT_APPLICABLE, message="no TPM"),
        Check(name="console", status=Status.PASSED),
    ),
    seconds=105.0,
    folder=Path("/store/tests/base/0123"),
    evidence=("console.log", "screenshot.png"),
    suspects=("feedfacefeed (2026.10) passed", "systemd 257 → 258"),
)
BEFORE = TestRecord(
    node="slim",
    commit=COMMIT,
    has_passed=True,
    tests="t",
    accel="tcg",
    seconds=1.0,
    when=1,
)


@dataclass
class One:
    node: str
    report: Report | None = None
    before: TestRecord | None = None
    why_not: str = ""
    is_held: bool = False
    commit: str = COMMIT


ALL = (
    One("base", report=REPORT),
    One("atomic", why_not="it stands on base, whose var.py::test_home failed", is_held=True),
    One("server", before=BEFORE),
    One("slim", why_not="it has no kernel: there is nothing to boot"),
)


def test_the_report_and_the_table():
    assert trial_lines(ALL, SCREEN, verbose=False) == [
        "base 2026.11 0123456789ab",
        "  runs by tcg (/dev/kvm is not there)",
        "  up after 1m 38s, kernel 6.12.0 (12s kernel + 1m 20s userspace)",
        "  ok      verdict 1m 38s",
        "  FAILED  var.py::test_home 1.5s: no home (var.py:7)",
        "          | … 2 lines before",
        *(f"          | line {number}" for number in range(2, 14)),
        "  n/a     tpm.sh: no TPM",
        "  ok      console",
        "  changed since the last commit that passed:",
        "    feedfacefeed (2026.10) passed",
        "    systemd 257 → 258",
        "  /store/tests/base/0123: console.log, screenshot.png",
        "",
        "NODE    OUTCOME            TIME  VERDICT  CHECKS  COMMIT        WHY",
        "base    failed           1m 45s   1m 38s  2 of 4  0123456789ab  var.py::test_home: no home",  # noqa: E501 - a line of a table
        (
            "atomic  held back             -        -       -  0123456789ab  "
            "it stands on base, whose var.py::test_home failed"
        ),
        (
            "server  passed before         -        -       -  0123456789ab  "
            "the same commit and checks; --again tests it once more"
        ),
        (
            "slim    nothing to boot       -        -       -  0123456789ab  "
            "it has no kernel: there is nothing to boot"
        ),
    ]


def test_an_upgrade_says_where_it_began_and_that_its_verdict_is_the_last_boots():
    report = replace(REPORT, upgraded_from="feedfacefeed" + "0" * 52)
    assert trial_lines([One("base", report=report)], SCREEN, verbose=False)[2:4] == [
        "  upgraded from feedfacefeed",
        "  last up after 1m 38s, kernel 6.12.0 (12s kernel + 1m 20s userspace)",
    ]


def test_a_machine_without_a_verdict():
    report = Report(
        subject=REPORT.subject,
        accel="kvm",
        why_accel="",
        verdict=None,
        verdict_seconds=0.0,
        checks=(Check(name="verdict", status=Status.FAILED, message="no verdict within 180 s"),),
        seconds=181.0,
        folder=Path("/x"),
    )
    lines = trial_lines([One("base", report=report)], SCREEN, verbose=False)
    assert lines[:4] == [
        "base 2026.11 0123456789ab",
        "  runs by kvm",
        "  FAILED  verdict: no verdict within 180 s",
        "  /x: nothing",
    ]


def test_the_document_follows_its_schema():
    shape = trial_shape(ALL, 24)
    jsonschema.validate(shape, schemas.schema("test"))
    assert [one["outcome"] for one in shape["nodes"]] == [
        "failed",
        "held back",
        "passed before",
        "nothing to boot",
    ]
    assert shape["nodes"][0]["checks"][1]["status"] == "failed"
    assert shape["nodes"][0]["verdict"]["times"]["total"] == 91.5

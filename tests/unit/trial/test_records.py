"""What is remembered of a test, and who may go out because of it."""

import json
from dataclasses import replace

import pytest

from arkes_build.trial.gate import Candidate, refused
from arkes_build.trial.junit import junit
from arkes_build.trial.model import Check, Report, Status, Subject
from arkes_build.trial.records import TestRecord, read, record_of, write

from .conftest import COMMIT, GOOD

REPORT = Report(
    subject=Subject(node="base", commit=COMMIT, version="1"),
    accel="tcg",
    why_accel="",
    verdict=GOOD,
    verdict_seconds=91.0,
    checks=(
        Check(name="verdict", status=Status.PASSED, seconds=91.0),
        Check(
            name="a.py::test_a",
            status=Status.FAILED,
            message="\x1b[31mno\x00",
            output="<&>\ud800",
            where="a.py:3",
        ),
        Check(name="b.sh", status=Status.NOT_APPLICABLE, message="no TPM"),
    ),
    seconds=100.0,
    folder="/store/tests/base/0123",
)
RECORD = TestRecord(
    node="base",
    commit=COMMIT,
    has_passed=False,
    tests="t" * 64,
    accel="tcg",
    seconds=100.0,
    when=1_800_000_000,
    verdict_seconds=91.0,
    checks=3,
    failed=("a.py::test_a",),
    why="\x1b[31mno\x00",
)
PASSED = replace(RECORD, has_passed=True, failed=(), why="")


def test_what_is_remembered_of_a_report():
    assert record_of(REPORT, tests="t" * 64, when=1_800_000_000) == RECORD


@pytest.mark.parametrize(
    "record",
    [RECORD, PASSED, replace(PASSED, upgraded_from="e" * 64)],
    ids=["a failure", "a success", "an upgrade"],
)
def test_a_record_comes_back_as_it_was(tmp_path, record):
    write(tmp_path, record)
    assert read(tmp_path, "base", COMMIT, is_upgrade=bool(record.upgraded_from)) == record


def test_an_upgrade_has_a_record_of_its_own(tmp_path):
    write(tmp_path, replace(PASSED, upgraded_from="e" * 64))
    assert read(tmp_path, "base", COMMIT) is None


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda value: b"", id="empty"),
        pytest.param(lambda value: b"[" * 100_000, id="too deep"),
        pytest.param(lambda value: b"\xff\xfe", id="no text"),
        pytest.param(lambda value: json.dumps([value]), id="a list"),
        pytest.param(lambda value: json.dumps(value | {"format": 2}), id="of a later version"),
        pytest.param(lambda value: json.dumps(value | {"has_passed": 1}), id="no truth"),
        pytest.param(lambda value: json.dumps(value | {"has_passed": True}), id="both"),
        pytest.param(lambda value: json.dumps(value | {"node": "other"}), id="of another node"),
        pytest.param(lambda value: json.dumps(value | {"commit": "e" * 64}), id="another commit"),
        pytest.param(lambda value: json.dumps(value | {"seconds": None}), id="no number"),
        pytest.param(lambda value: json.dumps({"format": 1}), id="half of it"),
    ],
)
def test_a_damaged_record_is_none(tmp_path, damage):
    path = write(tmp_path, RECORD)
    data = damage(json.loads(path.read_text()))
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    assert read(tmp_path, "base", COMMIT) is None


def test_the_evidence_of_old_commits_goes_and_their_records_stay(tmp_path):
    for number in range(8):
        commit = f"{number}" * 64
        (tmp_path / "base" / commit).mkdir(parents=True)
        write(tmp_path, replace(RECORD, commit=commit))
    kept = sorted(path.name for path in (tmp_path / "base").iterdir() if path.is_dir())
    assert len(kept) == 5
    assert read(tmp_path, "base", "0" * 64) is not None


def family(**fields):
    """Return rootfs → base → atomic → atomic-nvidia, base → base-slim, with other fields."""
    known = {
        "rootfs": Candidate(node="rootfs", can_boot=False),
        "base": Candidate(node="base", can_boot=True, parents=("rootfs",), records=(PASSED,)),
        "base-slim": Candidate(node="base-slim", can_boot=False, parents=("base",)),
        "atomic": Candidate(node="atomic", can_boot=True, parents=("base",), records=(PASSED,)),
        "atomic-nvidia": Candidate(
            node="atomic-nvidia", can_boot=True, parents=("atomic",), records=(PASSED,)
        ),
    }
    return {name: replace(one, **fields.get(name, {})) for name, one in known.items()}


FAILED = {"records": (replace(RECORD, why="no"),)}
UNTESTED = {"records": ()}


@pytest.mark.parametrize(
    ("changed", "held"),
    [
        pytest.param({}, {}, id="all passed"),
        pytest.param(
            {"atomic": FAILED},
            {
                "atomic": "a.py::test_a failed: no",
                "atomic-nvidia": "stands on atomic, whose a.py::test_a failed: no",
            },
            id="a failing subtree is held back, the rest goes out",
        ),
        pytest.param(
            {"base": FAILED, "atomic": FAILED},
            {
                "base": "a.py::test_a failed: no",
                "base-slim": "stands on base, whose a.py::test_a failed: no",
                "atomic": "stands on base, whose a.py::test_a failed: no",
                "atomic-nvidia": "stands on base, whose a.py::test_a failed: no",
            },
            id="the lowest that failed is the reason",
        ),
        pytest.param(
            {"atomic": UNTESTED},
            {"atomic": "was not tested: arkes-build test atomic"},
            id="one that was not tested holds back itself",
        ),
        pytest.param(
            {"base": UNTESTED},
            {
                "base": "was not tested: arkes-build test base",
                "base-slim": "stands on base, which was not tested: arkes-build test base",
            },
            id="and what has nothing to boot on top of it",
        ),
        pytest.param(
            {"base": {"records": (PASSED, replace(RECORD, upgraded_from="e" * 64, why=""))}},
            {
                "base": "a.py::test_a failed",
                "base-slim": "stands on base, whose a.py::test_a failed",
                "atomic": "stands on base, whose a.py::test_a failed",
                "atomic-nvidia": "stands on base, whose a.py::test_a failed",
            },
            id="a failed upgrade counts as well",
        ),
    ],
)
def test_who_is_held_back(changed, held):
    found = refused(family(**changed))
    assert {name: one.text for name, one in found.items()} == held


def test_nodes_that_stand_on_each_other_come_to_an_end():
    circle = {
        "a": Candidate(node="a", can_boot=True, parents=("b",), records=(PASSED,)),
        "b": Candidate(node="b", can_boot=True, parents=("a", "gone"), records=(PASSED,)),
    }
    assert refused(circle) == {}


def test_junit_says_where_an_upgrade_began():
    assert b"upgraded_from" not in junit([REPORT])
    text = junit([replace(REPORT, upgraded_from="e" * 64)]).decode()
    assert f'<property name="upgraded_from" value="{"e" * 64}" />' in text


def test_junit_holds_what_xml_can():
    text = junit([REPORT], held=[("atomic", "stands on base")]).decode()
    assert (
        text
        == """\
<?xml version='1.0' encoding='utf-8'?>
<testsuites name="arkes-build test">
  <testsuite name="base" tests="3" failures="1" errors="0" skipped="1" time="100.000">
    <properties>
      <property name="commit" value="0123456789abcdef0123456789abcdef\
0123456789abcdef0123456789abcdef" />
      <property name="version" value="1" />
      <property name="accel" value="tcg" />
      <property name="folder" value="/store/tests/base/0123" />
    </properties>
    <testcase classname="base" name="verdict" time="91.000" />
    <testcase classname="base" name="a.py::test_a" time="0.000">
      <failure message="\ufffd[31mno\ufffd">a.py:3
&lt;&amp;&gt;\ufffd</failure>
    </testcase>
    <testcase classname="base" name="b.sh" time="0.000">
      <skipped message="not applicable: no TPM" />
    </testcase>
  </testsuite>
  <testsuite name="atomic" tests="1" failures="0" skipped="1">
    <testcase classname="atomic" name="verdict" time="0.000">
      <skipped message="stands on base" />
    </testcase>
  </testsuite>
</testsuites>
"""
    )

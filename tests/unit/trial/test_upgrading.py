"""The way of a release: older, upgraded, reverted; what fails ends the way."""

import json
from dataclasses import replace
from itertools import count
from urllib.request import urlopen

import pytest

from arkes_build.trial.model import Subject
from arkes_build.trial.run import Started
from arkes_build.trial.serving import GUESTS_HOST, served
from arkes_build.trial.upgrading import run
from arkes_build.vm.errors import MachineEnded, TooLate

from .conftest import COMMIT, GOOD, result

OLD = "e" * 64
BEFORE = replace(GOOD, deployment=f"{OLD}.0", boot="1")
AFTER = replace(GOOD, deployment=f"{COMMIT}.0", boot="2")
BACK = replace(GOOD, deployment=f"{OLD}.0", boot="3")
CHECK = {"a.py": "def test_it(guest):\n    guest.run('look', guest.commit[:4])\n"}


def way(machine, order):
    started = Started(machine=machine, accel="tcg", why_accel="")
    old = Subject(node="base", commit=OLD)
    clock = count(step=10.0).__next__
    return run(order, old, "http://10.0.2.2:1", started, clock=clock)


def told(report):
    return [(one.name, one.status.value) for one in report.checks]


def test_there_and_back_again(machine, make_order):
    machine.verdicts = [BEFORE, AFTER, BACK]
    report = way(machine, make_order(CHECK))
    assert told(report) == [
        ("before: verdict", "passed"),
        ("before: updates come from here", "passed"),
        ("before: os upgrade", "passed"),
        ("upgraded: verdict", "passed"),
        ("upgraded: a.py::test_it", "passed"),
        ("upgraded: os revert", "passed"),
        ("reverted: verdict", "passed"),
        ("reverted: a.py::test_it", "passed"),
        ("console", "passed"),
    ]
    assert (report.has_passed, report.upgraded_from) == (True, OLD)
    does = [one for one in machine.guest.asked if one.startswith(("os ", "look", "systemctl"))]
    assert does == [
        "os upgrade",
        "systemctl --no-block reboot",
        "look 0123",
        "os revert",
        "systemctl --no-block reboot",
        "look eeee",
    ]


@pytest.mark.parametrize(
    ("verdicts", "answers", "last"),
    [
        pytest.param([BACK], {"os upgrade": result(15, err="no network")}, "before: os upgrade",
                     id="the upgrade fails"),
        pytest.param([BEFORE, TooLate("waiting", seconds=180)], {}, "upgraded: verdict",
                     id="the new release does not come up"),
        pytest.param([AFTER], {}, "before: verdict", id="another release than the older one runs"),
        pytest.param([BEFORE, AFTER], {"os revert": MachineEnded("it ran")}, "upgraded: os revert",
                     id="the machine dies on the way back"),
    ],
)  # fmt: skip
def test_what_fails_ends_the_way(machine, make_order, verdicts, answers, last):
    machine.verdicts, machine.guest.answers = verdicts, answers
    report = way(machine, make_order())
    assert not report.has_passed
    assert told(report)[-2:] == [(last, "failed"), ("console", "passed")]


FALLEN = json.dumps({"commit": COMMIT, "reason": "health check 50-lamp: it does not burn"})
TRIED = json.dumps({"boots": [{"boot": "2", "when": 1, "reason": ""},
                              {"boot": "3", "when": 2, "reason": "it hung"}]})  # fmt: skip


@pytest.mark.parametrize(
    ("after", "noted", "message"),
    [
        pytest.param(replace(BACK, boot="2"), FALLEN,
                     "eeeeeeeeeeee runs, not 0123456789ab: health check 50-lamp: it does not burn",
                     id="the old release runs again, and the machine knows why"),
        pytest.param(replace(BACK, boot="2"), "", "eeeeeeeeeeee runs, not 0123456789ab",
                     id="the old release runs again, and nothing is noted"),
        pytest.param(replace(AFTER, is_complete=False), TRIED,
                     "boot-complete.target was not reached: it hung",
                     id="the new release says that it did not come up"),
        pytest.param(replace(AFTER, is_complete=False), '{"boots": [7]}',
                     "boot-complete.target was not reached", id="the guest's note is nonsense"),
        pytest.param(replace(AFTER, is_complete=False), "[" * 100_000,
                     "boot-complete.target was not reached", id="the note is a trap"),
    ],
)  # fmt: skip
def test_a_release_that_fell_is_told_with_what_the_machine_noted(
    machine, make_order, after, noted, message
):
    machine.verdicts = [BEFORE, after, BACK]
    machine.guest.answers = {"arkes/fallen": result(out=noted)}
    report = way(machine, make_order(CHECK))
    assert told(report)[-2:] == [("upgraded: verdict", "failed"), ("console", "passed")]
    assert report.failures[0].message == message
    assert "look" not in " ".join(machine.guest.asked)


def test_a_release_that_gives_itself_up_is_not_waited_for_three_times(machine, make_order):
    machine.verdicts = [BEFORE, *[None] * 20]
    machine.guest.boots = ["1", "2", "2", "3"]
    machine.guest.answers = {"arkes/fallen": result(out=TRIED)}
    report = way(machine, make_order())
    assert report.failures[0].message == "it did not come up at its first try: it hung"
    assert "journal.txt" not in report.evidence
    assert machine.guest.boots == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(result(20, err="pulling\nerror: not signed\n  = help: sign it\n"),
                     "it ended with exit code 20: not signed", id="its error"),
        pytest.param(result(1, out="one\ntwo\n"), "it ended with exit code 1: two",
                     id="its last line, without an error"),
        pytest.param(result(1), "it ended with exit code 1", id="nothing, when it said nothing"),
        pytest.param(result(-9, is_late=True), "it did not end within 1800 s", id="its time"),
    ],
)  # fmt: skip
def test_an_upgrade_that_fails_is_told_with(machine, make_order, answer, message):
    machine.verdicts, machine.guest.answers = [BEFORE], {"os upgrade": answer}
    assert way(machine, make_order()).failures[0].message == message


def test_a_folder_is_served_on_the_loopback_under_the_guests_name(tmp_path):
    (tmp_path / "summary").write_text("all of it")
    with served(tmp_path) as address:
        assert address.startswith(f"http://{GUESTS_HOST}:")
        here = address.replace(GUESTS_HOST, "127.0.0.1")
        with urlopen(f"{here}/summary") as answer:  # noqa: S310 - our own loopback
            assert answer.read() == b"all of it"

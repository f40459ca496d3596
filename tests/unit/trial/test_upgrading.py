"""The way of a release: older, upgraded, reverted; what fails ends the way."""

from dataclasses import replace
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
    return run(order, old, "http://10.0.2.2:1", started, clock=lambda: 0.0)


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


def test_an_upgrade_that_boots_the_old_release_again_is_a_failure(machine, make_order):
    machine.verdicts = [BEFORE, replace(BACK, boot="2"), BACK]
    report = way(machine, make_order())
    assert [one.name for one in report.failures] == ["upgraded: verdict"]
    assert report.failures[0].message == "eeeeeeeeeeee runs, not 0123456789ab"


def test_a_folder_is_served_on_the_loopback_under_the_guests_name(tmp_path):
    (tmp_path / "summary").write_text("all of it")
    with served(tmp_path) as address:
        assert address.startswith(f"http://{GUESTS_HOST}:")
        here = address.replace(GUESTS_HOST, "127.0.0.1")
        with urlopen(f"{here}/summary") as answer:  # noqa: S310 - our own loopback
            assert answer.read() == b"all of it"

"""A test from power-on to the report, with a machine that plays its part."""

from dataclasses import replace
from itertools import count

import pytest

from arkes_build.trial.model import Status
from arkes_build.trial.run import Seen, Started, run
from arkes_build.vm.errors import GuestSpeaksNonsense, MachineEnded, TooLate

from .conftest import COMMIT, GOOD, result

OTHER = "f" * 64
CHECK = """\
def test_one(guest):
    "It is so."
    assert guest.out("uname") == "Linux"


def test_two(guest):
    guest.run("false")
"""


def trial(machine, order, **rest):
    started = Started(machine=machine, accel="tcg", why_accel="no /dev/kvm", **rest)
    return run(order, started, clock=lambda: 0.0)


def told(report):
    return [(one.name, one.status.value, one.message) for one in report.checks]


def test_a_good_system_passes_and_leaves_its_console(machine, make_order):
    machine.guest.answers = {"uname": result(out="Linux\n"), "sh -c": result(out="10-etc\n")}
    report = trial(machine, make_order({"a.py": CHECK.partition("def test_two")[0]}))
    assert told(report) == [
        ("verdict", "passed", ""),
        ("validate.d/10-etc", "passed", ""),
        ("a.py::test_one", "passed", ""),
        ("console", "passed", ""),
    ]
    assert (report.has_passed, report.evidence, report.accel) == (True, ("console.log",), "tcg")
    assert (report.folder / "console.log").read_text() == "Welcome to Arkes!\n"


def test_a_failed_check_does_not_keep_the_next_from_running(machine, make_order):
    machine.guest.answers = {"uname": result(out="Plan 9\n"), "false": result(1, err="no\n")}
    report = trial(machine, make_order({"a.py": CHECK}))
    assert told(report) == [
        ("verdict", "passed", ""),
        ("a.py::test_one", "failed", 'not so: guest.out("uname") == "Linux"'),
        ("a.py::test_two", "failed", "false: exit code 1: no"),
        ("console", "passed", ""),
    ]
    assert [one.where for one in report.failures] == ["a.py:3", "a.py:7"]
    assert report.checks[1].title == "It is so."


def test_a_failure_leaves_console_screen_and_journal(machine, make_order):
    machine.guest.answers = {"false": result(1), "journalctl": result(out="what went on\n")}
    report = trial(machine, make_order({"a.py": CHECK}))
    assert report.evidence == ("console.log", "screenshot.png", "journal.txt")
    assert (report.folder / "journal.txt").read_text() == "what went on\n"


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        pytest.param(
            replace(GOOD, state="degraded", failed=("a.service", "b.mount")),
            "failed: a.service, b.mount",
            id="failed units are named",
        ),
        pytest.param(
            replace(GOOD, state="maintenance"),
            "the system is maintenance, not running",
            id="a state that is not running",
        ),
        pytest.param(
            replace(GOOD, is_complete=False),
            "boot-complete.target was not reached",
            id="boot-complete.target",
        ),
        pytest.param(
            replace(GOOD, deployment=f"{OTHER}.0"),
            "ffffffffffff runs, not 0123456789ab",
            id="another commit",
        ),
        pytest.param(
            replace(GOOD, deployment="", state=""),
            "the system is in no known state, not running; "
            "nothing that OSTree deployed runs, not 0123456789ab",
            id="nothing known",
        ),
    ],
)
def test_a_verdict_that_is_not_good(machine, make_order, verdict, message):
    machine.verdicts = [verdict]
    report = trial(machine, make_order())
    assert told(report)[0] == ("verdict", "failed", message)
    assert not report.has_passed


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(
            TooLate("waiting for the verdict", seconds=600),
            "no verdict within 600 s; last on the console: Starting foo.service",
            id="nobody says anything",
        ),
        pytest.param(
            MachineEnded("it booted"),
            "the virtual machine ended while it booted; last on the console: Starting foo.service",
            id="the machine dies",
        ),
        pytest.param(
            GuestSpeaksNonsense("no verdict"),
            "a message from the virtual machine cannot be read; "
            "last on the console: Starting foo.service",
            id="the guest sends nonsense",
        ),
    ],
)
def test_without_a_verdict_nothing_is_run(machine, make_order, error, message):
    machine.verdicts, machine.guest.is_alive = [error], False
    machine.console = "\x1b[2J\x1b[1;1HBooting\r\n\x1b[32mStarting foo.service\x1b[0m\r\n"
    report = trial(machine, make_order({"a.py": CHECK}))
    assert told(report) == [("verdict", "failed", message), ("console", "passed", "")]
    assert (report.verdict, report.has_passed) == (None, False)
    assert report.evidence == ("console.log", "screenshot.png")
    assert (report.folder / "console.log").read_text() == "Booting\nStarting foo.service\n"


def test_a_guest_that_hangs_but_answers_gives_its_journal(machine, make_order):
    machine.verdicts = [TooLate("waiting", seconds=180)]
    machine.guest.answers = {"journalctl": result(out="stuck\n")}
    assert "journal.txt" in trial(machine, make_order()).evidence


def test_a_guest_that_dies_in_a_check_ends_the_others(machine, make_order):
    machine.guest.answers = {"uname": MachineEnded("waiting for the guest to run uname")}
    report = trial(machine, make_order({"a.py": CHECK}))
    assert told(report)[1:3] == [
        (
            "a.py::test_one",
            "failed",
            "the virtual machine ended while waiting for the guest to run uname",
        ),
        ("a.py::test_two", "not run", "the guest was gone"),
    ]


def test_an_agent_that_falls_silent_ends_the_others(machine, make_order):
    machine.guest.answers = {"uname": TooLate("waiting for the guest to run uname", seconds=150)}
    report = trial(machine, make_order({"a.py": CHECK}))
    assert [one.status for one in report.checks[1:3]] == [Status.FAILED, Status.NOT_RUN]


def test_the_machine_is_kept_when_it_is_well_and_before_any_check(machine, make_order):
    kept = []

    def keep(seen):
        kept.append((seen, list(machine.guest.asked)))

    started = Started(machine=machine, accel="tcg", why_accel="")
    run(make_order({"a.py": CHECK}), started, on_verdict=keep, clock=lambda: 0.0)
    assert kept == [(Seen(verdict=GOOD, seconds=0.0), [])]


def test_a_machine_that_is_not_well_is_not_kept(machine, make_order):
    machine.verdicts, kept = [replace(GOOD, failed=("a.service",))], []
    started = Started(machine=machine, accel="tcg", why_accel="")
    run(make_order(), started, on_verdict=kept.append, clock=lambda: 0.0)
    assert kept == []


def test_a_kept_machine_goes_on_with_the_verdict_that_was_seen(machine, make_order):
    machine.verdicts = []
    report = trial(machine, make_order(), seen=Seen(verdict=GOOD, seconds=91.0))
    assert (report.has_passed, report.is_resumed, report.verdict_seconds) == (True, True, 91.0)


def test_a_kept_machine_of_another_commit_fails(machine, make_order):
    seen = Seen(verdict=replace(GOOD, deployment=f"{OTHER}.0"), seconds=91.0)
    assert not trial(machine, make_order(), seen=seen).has_passed


def test_only_some_checks_are_a_part_of_a_test(machine, make_order):
    machine.guest.answers = {"uname": result(out="Linux\n"), "sh -c": result(out="10-etc\n")}
    report = trial(machine, make_order({"a.py": CHECK}, only=("*one",)))
    assert [one.name for one in report.checks] == ["verdict", "a.py::test_one", "console"]
    assert report.is_partial


def test_a_check_may_reboot_and_sees_the_next_verdict(machine, make_order):
    second = replace(GOOD, boot="second")
    machine.verdicts = [GOOD, GOOD, second]  # the old one may come once more
    text = 'def test_it(guest):\n    assert guest.reboot().boot == "second"\n'
    report = trial(machine, make_order({"a.py": text}))
    assert told(report)[1] == ("a.py::test_it", "passed", "")
    assert report.verdict == second
    assert "systemctl --no-block reboot" in machine.guest.asked


def test_a_check_that_the_image_does_not_have_is_no_pass(machine, make_order):
    machine.guest.answers = {"sh -c": result(out="10-etc\n20-net\n")}
    report = trial(machine, make_order({"a.py": CHECK}, only=("validate.d/99*", "validate.d/x")))
    called = "no check is called validate.d/99* or validate.d/x"
    has = "the image has validate.d/10-etc, validate.d/20-net"
    assert told(report)[1:2] == [("checks", "failed", f"{called}; {has}")]


def test_a_guest_that_says_the_same_for_ever_is_not_waited_for(machine, make_order):
    machine.verdicts = [GOOD] * 50
    text = "# x-timeout=5\ndef test_it(guest):\n    guest.reboot()\n"
    started = Started(machine=machine, accel="tcg", why_accel="")
    report = run(make_order({"a.py": text}), started, clock=count(step=1.0).__next__)
    assert told(report)[1][1:] == (
        "failed",
        "3 seconds went by while waiting for another boot's verdict",
    )
    assert machine.verdicts


def test_the_commit_is_what_the_report_is_about(machine, make_order):
    assert trial(machine, make_order()).subject.commit == COMMIT

"""The few words that a check has for its guest."""

import pytest

from arkes_build.trial.errors import CheckFailed
from arkes_build.trial.guest import Guest
from arkes_build.trial.model import Subject

from .conftest import COMMIT, GOOD, result


@pytest.fixture
def time():
    return [0.0]


@pytest.fixture
def guest(machine, time):
    subject = Subject(node="base", commit=COMMIT)
    return Guest(machine, subject, GOOD, until=10.0, clock=lambda: time[0])


def test_it_knows_what_is_tested(guest):
    assert (guest.node, guest.commit, guest.verdict) == ("base", COMMIT, GOOD)


def test_output_comes_without_the_line_end(guest, machine):
    machine.guest.answers = {"hostname": result(out="os\n")}
    assert guest.out("hostname") == "os"


def test_any_exit_code_is_fine_when_nobody_checks(guest, machine):
    machine.guest.answers = {"false": result(1)}
    assert guest.run("false", check=False).exit == 1


def test_a_script_ends_at_its_first_error_and_its_first_line_is_named(guest, machine):
    machine.guest.answers = {"/bin/sh -ec": result(2)}
    with pytest.raises(CheckFailed, match=r"^mount it: exit code 2$"):
        guest.shell("mount it\numount it\n")


def test_a_program_runs_as_somebody_else_in_their_own_session(guest, machine):
    guest.run("podman", "run", "a b", user="alice")
    (asked,) = machine.guest.asked
    assert asked.startswith("runuser -l alice -s /bin/sh -c set -- podman run 'a b'; ")


@pytest.mark.parametrize(("code", "is_there"), [(0, True), (1, False)], ids=["there", "not there"])
def test_whether_a_path_is_there(guest, machine, code, is_there):
    machine.guest.answers = {"/x": result(code)}
    assert guest.exists("/x") is is_there


def test_text_is_written_as_utf_8(guest, machine):
    guest.put("/x", "é", mode=0o600)
    assert machine.guest.written == {"/x": ("é".encode(), 0o600)}


def test_a_check_that_has_no_time_left_fails(guest, time):
    time[0] = 10.0
    with pytest.raises(CheckFailed, match=r"^it took longer than it may$"):
        guest.run("true")


def test_waiting_ends_with_the_last_answer(guest, machine, time):
    machine.guest.answers = {"curl": result(7, err="refused\n")}
    time[0] = 9.5
    with pytest.raises(CheckFailed, match=r"^curl x \(for 30 s\): exit code 7: refused$"):
        guest.wait_for("curl", "x")


def test_waiting_ends_when_it_works(guest):
    assert guest.wait_for("true").exit == 0


def test_a_machine_without_a_way_to_reboot_says_so(guest):
    with pytest.raises(CheckFailed):
        guest.reboot()

"""One check in a guest: whatever happens is how it ended."""

import pytest

from arkes_build.trial.checking import LONGEST_OUTPUT, Examiner
from arkes_build.trial.files import find
from arkes_build.trial.model import Subject

from .conftest import COMMIT, GOOD, result


@pytest.fixture
def examiner(machine):
    return Examiner(
        machine=machine,
        subject=Subject(node="base", commit=COMMIT),
        verdict=GOOD,
        clock=lambda: 0.0,
    )


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        pytest.param(result(), "passed", "", id="exit 0 is right"),
        pytest.param(result(77, "looked\nno disk\n"), "not applicable", "no disk", id="exit 77"),
        pytest.param(result(1, "one\ntwo\n"), "failed", "two", id="the last line is the reason"),
        pytest.param(result(1, "a", "b"), "failed", "b", id="what went to standard error too"),
        pytest.param(result(3), "failed", "it ended with exit code 3", id="nothing was said"),
        pytest.param(result(-9), "failed", "it ended with exit code -9", id="a signal"),
        pytest.param(
            result(-9, "x", is_late=True), "failed", "it took longer than 60 s", id="no end"
        ),
    ],
)
def test_a_check_that_the_image_ships(examiner, machine, answer, status, message):
    machine.guest.answers = {"validate.d": answer}
    check = examiner.validated("10-etc")
    assert (check.name, check.status.value, check.message) == ("validate.d/10-etc", status, message)


def test_a_check_that_cannot_be_run(examiner, machine, refused):
    machine.guest.answers = {"validate.d": refused}
    check = examiner.validated("10-etc")
    assert check.message == (
        "it cannot be run: FileNotFoundError: [Errno 2] No such file: 'nosuch'"
    )


def test_only_the_end_of_endless_output_is_kept(examiner, machine):
    machine.guest.answers = {"validate.d": result(1, "x" * 10_000_000 + "end")}
    check = examiner.validated("10-etc")
    assert (len(check.output), check.output[-3:], len(check.message)) == (
        LONGEST_OUTPUT,
        "end",
        400,
    )


def test_the_names_of_shipped_checks_are_sorted(examiner, machine):
    machine.guest.answers = {"sh -c": result(out="20-b\n10-a\n\n")}
    assert examiner.shipped() == ("10-a", "20-b")


def only(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    (found,) = find(tmp_path)
    return found


def test_a_shell_file_runs_in_the_guest_by_its_own_interpreter(examiner, machine, tmp_path):
    text = "#!/usr/bin/env bash -x\n# The clock runs.\nexit 0\n"
    check = examiner.checked(only(tmp_path, "clock.sh", text))
    assert (check.name, check.title) == ("clock.sh", "The clock runs.")
    assert machine.guest.written == {"/run/arkes-check/clock.sh": (text.encode(), 0o700)}
    assert machine.guest.asked[-1] == "/usr/bin/env bash -x /run/arkes-check/clock.sh"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        pytest.param("pass", "passed", "", id="nothing wrong"),
        pytest.param("assert 1 == 2", "failed", "not so: 1 == 2", id="a bare assert"),
        pytest.param("assert 0, 'so\\nit is'", "failed", "so it is", id="an assert with words"),
        pytest.param("1 / 0", "failed", "ZeroDivisionError: division by zero", id="any error"),
        pytest.param("raise SystemExit", "failed", "SystemExit:", id="an end of the whole run"),
        pytest.param("guest.not_applicable('no TPM')", "not applicable", "no TPM", id="77 too"),
        pytest.param(
            "guest.run('nosuch')",
            "failed",
            "the guest could not run it: FileNotFoundError: [Errno 2] No such file: 'nosuch'",
            id="a program that is not there",
        ),
    ],
)
def test_a_function_of_a_python_file(examiner, machine, tmp_path, refused, body, status, message):
    machine.guest.answers = {"nosuch": refused}
    found = only(tmp_path, "a.py", f"def test_it(guest):\n    {body}\n")
    check = examiner.checked(found)
    assert (check.status.value, check.message) == (status, message)
    assert check.where == ("a.py:2" if status == "failed" else "")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("import nosuchmodule", "ModuleNotFoundError: No module named 'nosuchmodule'"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_file_that_cannot_be_imported_fails_its_checks(examiner, tmp_path, line, why):
    found = only(tmp_path, "a.py", f"{line}\ndef test_it(guest): pass\n")
    assert examiner.checked(found).message == (
        f"a.py is no file of boot checks: {why}: {tmp_path}/a.py"
    )


def test_a_failed_program_shows_what_it_printed(examiner, machine, tmp_path):
    machine.guest.answers = {"cat": result(1, "out\n", "cat: /x: No such file or directory\n")}
    check = examiner.checked(only(tmp_path, "a.py", "def test_it(guest):\n    guest.file('/x')\n"))
    assert check.message == "cat -- /x: exit code 1: cat: /x: No such file or directory"
    assert check.output == "out\ncat: /x: No such file or directory"


def test_a_bare_assert_shows_its_whole_statement_and_what_its_names_stood_for(examiner, tmp_path):
    text = """\
LEAST = 1


def test_it(guest):
    found, wanted = ["a"] * 3, {"b": 1}
    for number in range(2):
        assert (
            found
            == wanted
        ) or number < LEAST
"""
    check = examiner.checked(only(tmp_path, "a.py", text))
    assert check.message == "not so: ( found == wanted ) or number < LEAST"
    assert check.output == "found = ['a', 'a', 'a']\nwanted = {'b': 1}\nnumber = 1"
    assert check.where == "a.py:7"
    assert not (tmp_path / "__pycache__").exists()

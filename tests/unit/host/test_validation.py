"""A system's own checks run by name, each to its end or to the end of its time."""

import pytest

from arkes_build.host.validation import FOLDER, NoSuchCheck, Result, checks_of, chosen, run_check


@pytest.fixture
def make_check(host):
    def make(name, text, mode=0o755):
        path = host.root / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(mode)
        return path

    return make


@pytest.mark.parametrize(
    ("text", "result", "why"),
    [
        pytest.param("echo fine", Result.PASSED, "", id="right"),
        pytest.param(
            "echo no such device; exit 77", Result.NOT_APPLICABLE, "no such device", id="not here"
        ),
        pytest.param("exit 77", Result.NOT_APPLICABLE, "", id="not here, without a word"),
        pytest.param("echo a; echo b >&2; exit 3", Result.FAILED, "b", id="wrong, the last line"),
        pytest.param("exit 3", Result.FAILED, "it ended with 3 and no word", id="wrong, silent"),
        pytest.param("kill -9 $$", Result.FAILED, "it ended with -9 and no word", id="killed"),
        pytest.param("echo 'a\n\n '; exit 1", Result.FAILED, "a", id="blank lines at the end"),
    ],
)
def test_a_check_ends(make_check, text, result, why):
    check = run_check(make_check("10-a", text))
    assert (check.name, check.result, check.why) == ("10-a", result, why)


def test_one_that_does_not_end_is_ended(make_check):
    check = run_check(make_check("10-a", "echo begun; sleep 60"), seconds=0.3)
    assert (check.result, check.why) == (Result.FAILED, "it did not end in time")
    assert check.output == ("begun",)


def test_one_that_cannot_start_failed(make_check):
    path = make_check("10-a", "")
    path.write_text("#!/no/such/shell\n")
    assert run_check(path).why == "it cannot be started: No such file or directory"


def test_which_checks_there_are(host, make_check):
    for name in ("20-b", "10-a", ".hidden", "30-c~"):
        make_check(name, "")
    make_check("40-readme", "", mode=0o644)
    (host.root / FOLDER / "50-folder").mkdir()
    assert checks_of(host) == ("10-a", "20-b")
    assert chosen(host, ("20-b",)) == ("20-b",)
    with pytest.raises(NoSuchCheck) as caught:
        chosen(host, ("20-c",))
    assert caught.value.resolution == "did you mean '20-b'?"


def test_no_folder_is_no_checks(host):
    assert checks_of(host) == ()

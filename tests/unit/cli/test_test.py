"""What `test` and `publish --tested` take, print and end with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode, ToolMissing
from arkes_build.pipeline import trials
from arkes_build.pipeline.trials import NodeTest
from arkes_build.trial.model import Check, Report, Status, Subject

COMMIT = "0123456789abcdef" * 4
PASSED = Report(
    subject=Subject(node="base", commit=COMMIT),
    accel="tcg",
    why_accel="",
    verdict=None,
    verdict_seconds=0.0,
    checks=(Check(name="console", status=Status.PASSED),),
    seconds=2.0,
    folder=Path("/evidence"),
)
FAILED = replace(
    PASSED,
    checks=(Check(name="verdict", status=Status.FAILED, message="no verdict", output="last"),),
    evidence=("console.log", "screenshot.png"),
)


@pytest.fixture
def ended(monkeypatch):
    """Return what a run of tests is to end with; ``asked`` has the requests."""
    answer = {"tests": (), "asked": []}

    def play(options, request, sink):
        answer["asked"].append(request)
        if isinstance(answer["tests"], Exception):
            raise answer["tests"]
        return answer["tests"]

    monkeypatch.setattr(trials, "trials", play)
    return answer


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["test"], id="no node"),
        pytest.param(["test", "base", "--all"], id="nodes and all of them"),
        pytest.param(["test", "base", "--verdict-timeout", "0"], id="no time at all"),
        pytest.param(["test", "base", "--dry-run"], id="a dry run"),
    ],
)
def test_it_is_a_usage_error(ended, words, capsys):
    assert main(words) == ExitCode.USAGE
    assert ended["asked"] == []


def test_a_failure_is_told_with_what_to_look_at_next(ended, capsys):
    ended["tests"] = (NodeTest(node="base", commit=COMMIT, report=FAILED),)
    assert main(["test", "base"]) == ExitCode.BOOT
    out, err = capsys.readouterr()
    assert "FAILED  verdict: no verdict" in out
    assert err == (
        "\nerror: base: verdict: no verdict\n"
        "  last\n"
        "  = help: look at console.log and screenshot.png in /evidence\n"
    )


def test_the_last_line_is_the_document(ended, capsys):
    ended["tests"] = (NodeTest(node="base", commit=COMMIT, report=FAILED),)
    assert main(["test", "base", "--json"]) == ExitCode.BOOT
    shape = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (shape["type"], shape["exit_code"], shape["nodes"][0]["outcome"]) == (
        "test",
        24,
        "failed",
    )


def test_junit_is_written_whatever_came_out(ended, tmp_path):
    ended["tests"] = (
        NodeTest(node="base", commit=COMMIT, report=FAILED),
        NodeTest(node="atomic", commit=COMMIT, why_not="it stands on base", is_held=True),
    )
    assert main(["test", "--all", "-q", "--junit", str(tmp_path / "boot.xml")]) == ExitCode.BOOT
    text = (tmp_path / "boot.xml").read_text()
    assert '<failure message="no verdict">last</failure>' in text
    assert '<skipped message="it stands on base" />' in text


def test_junit_that_cannot_be_written_is_said_before_any_boot(ended, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file/boot.xml"
    assert main(["test", "base", "--junit", str(path)]) == ExitCode.PROJECT
    assert capsys.readouterr().err.startswith(f"error: cannot write {path}: ")
    assert ended["asked"] == []


def test_a_run_that_came_to_no_end_leaves_no_older_results(ended, tmp_path, monkeypatch):
    (tmp_path / "boot.xml").write_text("of another run")
    ended["tests"] = ToolMissing("qemu-system-x86_64")
    path = str(tmp_path / "boot.xml")
    assert main(["test", "base", "-q", "--junit", path]) == ExitCode.TOOL_MISSING
    assert "testcase" not in (tmp_path / "boot.xml").read_text()


def test_what_was_asked_for_arrives(ended):
    words = ["--only", "a", "--only", "b", "--fresh", "--upgrade-from", "base^"]
    assert main(["test", "base", "-q", *words, "--verdict-timeout", "60"]) == ExitCode.OK
    (request,) = ended["asked"]
    assert (request.nodes, request.only) == (("base",), ("a", "b"))
    assert (request.is_fresh, request.is_again, request.upgrade_from) == (True, False, "base^")
    assert request.verdict_seconds == 60

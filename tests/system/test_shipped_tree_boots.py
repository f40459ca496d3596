"""Boot the shipped base as the README says, hold the whole report, and boot what stands on it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.system, pytest.mark.timeout(1500)]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./run", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict, Path]:
    """Boot base anew; return the exit code, what is said of base, and JUnit's file."""
    for words in (("build", "base"), ("disk", "base")):
        made = run(*words)
        assert made.returncode == 0, f"{made.stdout}\n{made.stderr}"
    junit = tmp_path_factory.mktemp("boot") / "boot.xml"
    ended = run("test", "base", "--fresh", "--json", "--junit", str(junit))
    document = json.loads(ended.stdout.splitlines()[-1])
    assert document["type"] == "test", ended.stdout
    return ended.returncode, document["nodes"][0], junit


def test_it_comes_up_whole(tested: tuple[int, dict, Path]) -> None:
    verdict = tested[1]["verdict"]
    assert verdict is not None, tested[1]["checks"]
    told = (verdict["state"], verdict["is_complete"], verdict["failed"])
    assert told == ("running", True, [])
    assert verdict["deployment"].partition(".")[0] == tested[1]["commit"]


def test_every_check_in_it_is_right(tested: tuple[int, dict, Path]) -> None:
    code, node, _junit = tested
    failed = {one["name"]: one["message"] for one in node["checks"] if one["status"] == "failed"}
    assert failed == {}
    assert (code, node["outcome"]) == (0, "passed")
    names = {one["name"].partition("::")[0] for one in node["checks"]}
    assert {"verdict", "console", "boot.py", "network.sh"} <= names


def test_it_says_how_it_ran_and_leaves_the_console(tested: tuple[int, dict, Path]) -> None:
    node = tested[1]
    assert node["accel"] in {"kvm", "tcg"}
    assert node["why_accel"]
    log = Path(node["folder"]) / "console.log"
    assert "Linux version" in log.read_text()


def test_junit_has_a_case_for_each_check(tested: tuple[int, dict, Path]) -> None:
    _code, node, junit = tested
    suite = ET.parse(junit).getroot()[0]  # noqa: S314 - our own file
    cases = [case.get("name") for case in suite.iter("testcase")]
    assert cases == [one["name"] for one in node["checks"]]


@pytest.mark.usefixtures("tested")
def test_the_second_time_it_is_known_to_have_passed() -> None:
    again = run("test", "base")
    assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
    assert "passed before" in again.stdout


def test_an_overlay_wins_over_a_systemfile_and_that_over_base() -> None:
    """One thing of each kind is said on two or three levels; the booted system has one of them."""
    file = "tests/boot/precedence/Systemfile"
    built = run("build", file)
    assert built.returncode == 0, f"{built.stdout}\n{built.stderr}"
    # Only what differs from base, whose own checks are above.
    ended = run("test", file, "--only", "precedence.py*", "--json")
    document = json.loads(ended.stdout.splitlines()[-1])
    assert document["type"] == "test", ended.stdout
    (node,) = document["nodes"]
    checks = {one["name"].rpartition("::")[2]: one["message"] for one in node["checks"]}
    assert checks == dict.fromkeys(
        (
            "verdict",
            "test_what_the_overlay_says_comes_first",
            "test_then_comes_what_the_systemfile_says",
            "test_and_the_rest_is_that_of_base",
            "test_a_container_unit_of_the_overlay_runs_since_the_boot",
            "console",
        ),
        "",
    )
    assert {one["status"] for one in node["checks"]} == {"passed"}
    assert (ended.returncode, node["outcome"]) == (0, "passed")

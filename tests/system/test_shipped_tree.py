"""Build the distribution that ships, for real, with the command that the README names."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = ROOT / ".arkes" / "repo"
ARCH = platform.machine()
NODES = ("bootstrap", "rootfs", "base", "base-slim", "atomic", "atomic-nvidia")
LEFT_OUT = "atomic-system76"
COLUMNS = ["NODE", "OUTCOME", "TIME", "SIZE", "COMMIT", "REF", "WHY"]

# Builds, on two cores: bootstrap, kernel, desktop and the driver's module.
pytestmark = [pytest.mark.system, pytest.mark.timeout(2700)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command left: its exit code, its lines, its wall time in seconds."""

    code: int
    output: str
    errors: str
    seconds: float

    @property
    def rows(self) -> dict[str, dict[str, str]]:
        """Return the rows of the closing table by node."""
        lines = [re.split(r"\s{2,}", line) for line in self.output.splitlines()]
        if COLUMNS not in lines:
            return {}
        table = lines[lines.index(COLUMNS) + 1 :]
        body = table[: table.index([""])]
        return {cells[0]: dict(zip(COLUMNS, cells, strict=True)) for cells in body}


def run(*arguments: str, under: tuple[str, ...] = ()) -> Run:
    start = time.monotonic()
    result = subprocess.run(
        [*under, "./run", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(
        code=result.returncode,
        output=result.stdout,
        errors=result.stderr,
        seconds=time.monotonic() - start,
    )


def ostree(*arguments: str) -> str:
    argv = ["ostree", *arguments, f"--repo={REPOSITORY}"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def ref(node: str) -> str:
    return f"arkes/{ARCH}/{node}"


@pytest.fixture(scope="module")
def whole() -> Run:
    """Run it as the README says. In a clean clone this is the build from nothing."""
    return run()


def test_it_ends_well_with_a_row_for_every_node(whole: Run) -> None:
    assert whole.code == 0, f"{whole.output}\n{whole.errors}"
    rows = whole.rows
    assert {node: rows[node]["REF"] for node in NODES} == {node: ref(node) for node in NODES}
    assert {rows[node]["OUTCOME"] for node in NODES} <= {"built", "reused", "unchanged"}
    assert set(rows) == {*NODES, LEFT_OUT}


def test_what_this_family_lacks_is_left_out_and_the_table_says_why(whole: Run) -> None:
    row = whole.rows[LEFT_OUT]
    assert (row["OUTCOME"], row["REF"]) == ("left out", "-")
    assert "templates/system76.Containerfile" in row["WHY"]


def test_the_refs_are_the_commits_of_the_table(whole: Run) -> None:
    shown = {node: whole.rows[node]["COMMIT"] for node in NODES}
    commits = {node: ostree("rev-parse", ref(node)).strip() for node in NODES}
    assert shown == {node: commits[node][: len(shown[node])] for node in NODES}


@pytest.mark.usefixtures("whole")
def test_refs_lists_the_same_commits() -> None:
    listed = json.loads(run("refs", "--json").output)["refs"]
    commits = {entry["node"]: entry["commit"] for entry in listed}
    assert commits == {node: ostree("rev-parse", ref(node)).strip() for node in NODES}


@pytest.mark.usefixtures("whole")
def test_a_second_run_finds_nothing_to_do_in_less_than_a_second() -> None:
    again = [run() for _ in range(3)]
    assert {(one.code, one.errors) for one in again} == {(0, "")}
    assert all("Nothing to do" in one.output for one in again)
    # The best of three: other work on the machine is not what is measured.
    assert min(one.seconds for one in again) < 1


@pytest.mark.usefixtures("whole")
def test_the_plan_is_empty_afterwards() -> None:
    plan = json.loads(run("plan", "--json").output)
    assert {action["node"]: action["action"] for action in plan["actions"]} == dict.fromkeys(
        NODES, "reuse"
    )


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("node", ["base", "atomic"])
def test_a_node_is_a_tree_that_ostree_can_deploy(node: str) -> None:
    top = {line.split()[-1].lstrip("/") for line in _links_and_names(ostree("ls", ref(node)))}
    assert {"usr", "var", "sysroot", "ostree", "home", "root"} <= top
    assert "etc" not in top
    machine_id = ostree("ls", ref(node), "/usr/etc/machine-id").split()
    assert machine_id[3] == "0"
    kernels = ostree("ls", ref(node), "/usr/lib/modules").splitlines()[1:]
    assert len(kernels) == 1
    names = {
        line.split("/")[-1] for line in ostree("ls", ref(node), kernels[0].split()[-1]).splitlines()
    }
    assert {"vmlinuz", "initramfs.img"} <= names
    var = [line.split()[-1] for line in ostree("ls", ref(node), "/var").splitlines()]
    assert var == ["/var"]


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("node", [node for node in NODES if node != "bootstrap"])
def test_a_commit_tells_what_it_was_made_from(node: str) -> None:
    version = ostree("show", "--print-metadata-key=version", ref(node))
    assert version.strip().strip("'")
    release = ostree("cat", ref(node), "/usr/lib/os-release")
    assert f'VARIANT_ID="{node}"' in release or f"VARIANT_ID={node}\n" in release


def machine(folder: Path, package: str) -> str:
    """Write the Systemfile of a machine that wants one more package; return its path."""
    file = folder / "machine" / "Systemfile"
    file.parent.mkdir()
    file.write_text(f"FROM arkes:rootfs\n\nRUN /usr/lib/system/package_layer \\\n    {package}\n")
    return str(file)


@pytest.mark.usefixtures("whole")
def test_a_package_that_does_not_exist_is_underlined_in_the_systemfile(tmp_path: Path) -> None:
    file = machine(tmp_path, "nosuchpackage")
    ended = run("build", file)
    assert ended.code == 14
    lines = ended.errors.strip().splitlines()
    assert lines[0] == "error: machine: there is no package nosuchpackage"
    assert lines[1].endswith(f"{file}:4:5")
    assert "E: Unable to locate package nosuchpackage" in ended.errors


@pytest.mark.usefixtures("whole")
def test_without_a_network_the_server_is_named(tmp_path: Path) -> None:
    ended = run("build", machine(tmp_path, "sl"), under=("unshare", "--net"))
    assert ended.code == 15
    assert "error: machine: no network: " in ended.errors


def _links_and_names(listing: str) -> list[str]:
    """Return the lines of ``ostree ls`` with link targets taken away."""
    return [line.partition(" -> ")[0] for line in listing.splitlines()]

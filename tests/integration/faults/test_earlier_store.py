"""Go on from a store that version 0.1.0 made: nothing is lost, nothing is built for nothing.

``tests/data/store-0.1.0.tar.xz`` is a project with a store in which ``rootfs``, ``base`` and
``hello`` have two releases each, made before commits named their inputs and layers.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from arkes_build.store import refs

pytestmark = pytest.mark.engine

DATA = Path(__file__).parents[2] / "data/store-0.1.0.tar.xz"
NODES = ("base", "bootstrap", "hello", "rootfs")
OLD = {
    "base": "88654f1582eb",
    "bootstrap": "35347efd5bba",
    "hello": "6da6cd682d4d",
    "rootfs": "748d36c193d5",
}


@pytest.fixture
def old(tmp_path):
    root = tmp_path / "old"
    root.mkdir()
    argv = ["tar", "-C", str(root), "-xJpf", str(DATA)]
    subprocess.run(argv, check=True)
    return root


def arkes(root, *words, code=0):
    argv = [sys.executable, "-m", "arkes_build", *words, "--project", str(root), "--json"]
    argv += ["--family", "debian", "--arch", "x86_64"]
    environment = {**os.environ, "ARKES_KEYS": str(root / "no-keys")}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == code, done.stdout + done.stderr
    lines = done.stdout.splitlines() if words[0] == "build" else [done.stdout]
    return json.loads(lines[-1])


def commits(root):
    repo = root / ".arkes/repo"
    return {node: refs.read(repo, f"old/x86_64/{node}") for node in NODES}


def test_it_is_read_and_nothing_is_to_be_built(old):
    plan = arkes(old, "plan")
    assert {each["node"]: each["action"] for each in plan["actions"]} == dict.fromkeys(
        NODES, "reuse"
    )
    listed = arkes(old, "refs")["refs"]
    assert {each["node"]: each["commit"][:12] for each in listed} == OLD


def test_it_has_a_history_and_is_whole(old):
    log = arkes(old, "log", "hello")
    assert [each["commit"][:12] for each in log["releases"]] == ["6da6cd682d4d", "3b016c5a6853"]
    found = arkes(old, "fsck")
    assert (found["is_whole"], found["damages"], found["records"]) == (True, [], 4)


def test_it_can_be_built_on_and_keeps_its_releases(old):
    before = commits(old)
    (old / "overlay/hello/etc/hello").write_text("hello again\n")
    actions = {each["node"]: each["action"] for each in arkes(old, "plan")["actions"]}
    assert actions == {**dict.fromkeys(NODES, "reuse"), "hello": "build"}
    assert arkes(old, "build", "hello")["exit_code"] == 0
    after = commits(old)
    for node, commit in before.items():
        argv = ["ostree", "log", f"--repo={old / '.arkes/repo'}", after[node]]
        told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        assert f"commit {commit}" in told
    assert after["hello"] != before["hello"]
    assert arkes(old, "fsck")["is_whole"]
    argv = ["ostree", "fsck", f"--repo={old / '.arkes/repo'}"]
    assert subprocess.run(argv, check=False, capture_output=True).returncode == 0
    assert {each["action"] for each in arkes(old, "plan")["actions"]} == {"reuse"}


def test_its_damage_is_repaired_from_a_copy(old, tmp_path, tools, chance):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", str(old / ".arkes/repo"), str(copy)], check=True)
    files = [path for path in sorted(old.glob(".arkes/repo/objects/??/*")) if path.is_file()]
    for victim in chance.sample(files, 5):
        if victim.stat().st_size:
            tools.flip(victim, chance)
    assert arkes(old, "fsck", code=18)["is_whole"] is False
    assert arkes(old, "fsck", "--repair", "--from", str(copy))["is_whole"]
    assert arkes(old, "fsck")["damages"] == []

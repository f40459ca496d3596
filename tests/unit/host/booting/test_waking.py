from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.core.errors import DiskFull
from arkes_build.core.process import Completed
from arkes_build.host import records
from arkes_build.host.booting import tries, waking
from arkes_build.host.booting.tries import Try
from arkes_build.sysroot import fallen
from arkes_build.sysroot.esp import Synced
from arkes_build.sysroot.fallen import Fallen
from arkes_build.sysroot.model import Deployment

NOTHING = Synced(written=(), removed=(), refused=())


def deployment(letter, **fields):
    known = {
        "index": 0,
        "stateroot": "arkes",
        "checksum": letter * 64,
        "serial": 0,
        "version": f"2026.{letter}",
        "node": "base",
        "ref": "arkes:base",
        "base": "",
        "path": Path("/nowhere"),
        "boot": "",
        "kargs": (),
        "timestamp": 0,
        "is_booted": False,
        "is_staged": False,
        "is_rollback": False,
        "is_pinned": False,
        "unlocked": "none",
        "tries": None,
        "tries_done": 0,
        "is_blessed": True,
    }
    return Deployment(**known | fields)


class Sysroot:
    """Deployments that a test writes, and what was done to them."""

    def __init__(self, *deployments):
        self.list = [replace(each, index=at) for at, each in enumerate(deployments)]
        self.done = []

    def changing(self):
        return nullcontext()

    def deployments(self):
        return tuple(self.list)

    def undeploy(self, deployment):
        self.done.append(f"undeploy {deployment.checksum[0]}")
        self.list.remove(deployment)

    def set_default(self, deployment):
        self.done.append(f"default {deployment.checksum[0]}")

    def sync(self):
        return NOTHING


@pytest.fixture
def waken(host, monkeypatch):
    path = host.root / "proc/sys/kernel/random/boot_id"
    path.parent.mkdir(parents=True)
    path.write_text("now\n")
    lines = Completed(code=0, output="[ 9.1] app: cannot start\n", errors="")
    monkeypatch.setattr(waking, "run", lambda *_, **__: lines)

    def waken(*deployments):
        sysroot = Sysroot(*deployments)
        machine = replace(host, opener=lambda _: sysroot)
        return machine, sysroot, waking.wake(machine)

    return waken


def tired(letter, **fields):
    return deployment(letter, tries=0, tries_done=3, is_blessed=False, **fields)


def test_what_used_up_its_tries_before_the_running_one_has_fallen(waken):
    machine, sysroot, (fell, _) = waken(tired("b"), deployment("a", is_booted=True))
    expected = Fallen(
        commit="b" * 64,
        version="2026.b",
        ref="arkes:base",
        when=1_793_900_000,
        reason=waking.NO_RECORD,
        tries=3,
    )
    assert fell == (expected,)
    assert fallen.read(machine.var) == (expected,)
    assert sysroot.done == ["undeploy b"]
    (record,) = records.read(machine)
    assert (record.action, record.before, record.after) == ("fell-back", "b" * 64, "a" * 64)
    assert (record.version, record.detail) == ("2026.a", f"2026.b: {waking.NO_RECORD}")


@pytest.mark.parametrize(
    ("noted", "reason"),
    [
        pytest.param(Try(boot="x", when=1, reason="unwell"), "unwell", id="a reason is known"),
        pytest.param(Try(boot="x", when=1), waking.NO_REASON, id="it began and no more"),
    ],
)
def test_the_reason_is_what_its_boots_left(waken, host, noted, reason):
    tries.began(host.var, f"{'b' * 64}.0", noted)
    _, _, ((fell,), _) = waken(tired("b"), deployment("a", is_booted=True))
    assert (fell.reason, fell.lines) == (reason, ("[ 9.1] app: cannot start",))
    assert tries.read(host.var, f"{'b' * 64}.0") == ()


@pytest.mark.parametrize(
    "deployments",
    [
        pytest.param((deployment("a", is_booted=True), tired("b")), id="behind the running one"),
        pytest.param(
            (deployment("b", tries=2, is_blessed=False), deployment("a", is_booted=True)),
            id="chosen by hand while there are tries",
        ),
        pytest.param((deployment("b"), deployment("a", is_booted=True)), id="blessed"),
        pytest.param((tired("b", is_booted=True), deployment("a")), id="in its last try"),
        pytest.param((tired("b"), deployment("a")), id="nothing runs, as in a plain folder"),
    ],
)
def test_nothing_else_falls(waken, deployments):
    _, sysroot, (fell, _) = waken(*deployments)
    assert (fell, sysroot.done) == ((), [])


def test_a_pinned_one_stays_behind_the_running_one(waken):
    _, sysroot, (fell, _) = waken(tired("b", is_pinned=True), deployment("a", is_booted=True))
    assert ([each.commit[0] for each in fell], sysroot.done) == (["b"], ["default a"])


def test_on_a_full_disk_what_fell_goes_first_and_is_noted_then(waken, monkeypatch):
    full = [DiskFull("/var", doing="writing")]

    def keep(var, record):
        if full:
            raise full.pop()
        fallen.write(var, record)

    monkeypatch.setattr(waking, "keep", keep)
    machine, sysroot, _ = waken(tired("b"), deployment("a", is_booted=True))
    assert sysroot.done == ["undeploy b"]
    assert [each.commit for each in fallen.read(machine.var)] == ["b" * 64]


def test_a_boot_on_trial_is_noted(waken):
    running = deployment("b", tries=2, tries_done=1, is_blessed=False, is_booted=True)
    machine, _, _ = waken(running, deployment("a"))
    assert tries.read(machine.var, f"{'b' * 64}.0") == (Try(boot="now", when=1_793_900_000),)


def test_a_boot_of_a_blessed_one_is_not(waken):
    machine, _, _ = waken(deployment("a", is_booted=True))
    assert not (machine.var / "tries").exists()

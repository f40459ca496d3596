"""A machine that was seen to boot is kept, and taken again only while nothing has changed."""

import json
from contextlib import contextmanager

import pytest

from arkes_build.core.events import Notice
from arkes_build.trial import starting
from arkes_build.trial.keeping import MOST_KEPT, Place, key_of
from arkes_build.trial.run import Seen
from arkes_build.trial.starting import Bench
from arkes_build.trial.starting import tested as try_out
from arkes_build.vm.accel import Accel
from arkes_build.vm.errors import MachineError

from .conftest import GOOD

SEEN = Seen(verdict=GOOD, seconds=91.0)


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "boots" / "base"
    folder.mkdir(parents=True)
    (folder / "disk.qcow2").write_bytes(b"QFI")
    return Place(folder=folder, key="k" * 64)


def test_a_boot_that_was_seen_comes_back_as_it_was(place):
    place.keep(SEEN)
    assert place.seen() == SEEN


def test_a_machine_of_another_key_is_not_taken(place):
    place.keep(SEEN)
    assert Place(folder=place.folder, key="other").seen() is None


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda folder: (folder / "disk.qcow2").unlink(), id="its disk is gone"),
        pytest.param(lambda folder: (folder / "seen.json").write_text("{"), id="half of a file"),
        pytest.param(lambda folder: (folder / "seen.json").write_text("[]"), id="another shape"),
        pytest.param(
            lambda folder: (folder / "seen.json").write_text(
                json.dumps({"key": "k" * 64, "seconds": 1, "verdict": {"state": "running"}})
            ),
            id="half of a verdict",
        ),
    ],
)
def test_a_damaged_one_is_not_taken(place, damage):
    place.keep(SEEN)
    damage(place.folder)
    assert place.seen() is None


def test_only_the_newest_are_kept(tmp_path):
    for number in range(4):
        folder = tmp_path / f"node{number}"
        folder.mkdir()
        (folder / "disk.qcow2").write_bytes(b"")
        Place(folder=folder, key="k").keep(SEEN)
    assert len(list(tmp_path.iterdir())) == MOST_KEPT


def test_the_key_is_the_disks_file_and_all_else(tmp_path):
    disk = tmp_path / "disk.qcow2"
    disk.write_bytes(b"a")
    first = key_of(disk, qemu="7.2", memory=1024)
    assert key_of(disk, qemu="7.2", memory=1024) == first
    assert key_of(disk, qemu="9.0", memory=1024) != first
    assert key_of(disk, qemu="7.2", memory=2048) != first
    new = tmp_path / "new"
    new.write_bytes(b"a")
    new.replace(disk)
    assert key_of(disk, qemu="7.2", memory=1024) != first


@pytest.fixture
def bench(tmp_path, monkeypatch, machine):
    """Return a bench whose machines are the fake one; ``started`` has their snapshots."""
    disk = tmp_path / "base.qcow2"
    disk.write_bytes(b"QFI")
    made = Bench(disk=disk, folder=tmp_path / "boots" / "base", arch="x86_64")
    started = []

    @contextmanager
    def start(bench, accel, *, snapshot=None):
        started.append(snapshot)
        bench.folder.mkdir(parents=True, exist_ok=True)
        (bench.folder / "disk.qcow2").write_bytes(b"QFI")
        if snapshot and machine.saved == ["broken"]:
            raise MachineError("QEMU refused snapshot-load")
        machine.verdicts = [GOOD]
        yield machine

    monkeypatch.setattr(starting, "machine", start)
    monkeypatch.setattr(starting, "choose", lambda arch, kernel: Accel(name="tcg", reason="why"))
    monkeypatch.setattr(
        starting, "run_program", lambda argv: type("Done", (), {"output": "QEMU 7.2\n"})
    )
    return made, started


def test_the_second_test_of_a_disk_goes_on_from_the_first(bench, make_order, machine):
    made, started = bench
    first = try_out(make_order(), made, lambda _event: None)
    second = try_out(make_order(), made, lambda _event: None)
    assert (started, machine.saved) == ([None, "up"], ["up"])
    assert (first.is_resumed, second.is_resumed, second.has_passed) == (False, True, True)
    assert (first.accel, first.why_accel) == ("tcg", "why")


def test_a_fresh_one_boots_anew(bench, make_order):
    made, started = bench
    try_out(make_order(), made, lambda _event: None)
    fresh = Bench(disk=made.disk, folder=made.folder, arch="x86_64", is_fresh=True)
    assert not try_out(make_order(), fresh, lambda _event: None).is_resumed
    assert started == [None, None]


def test_a_kept_machine_that_does_not_start_is_left_and_another_boots(bench, make_order, machine):
    made, started = bench
    notices = []
    try_out(make_order(), made, lambda _event: None)
    machine.saved = ["broken"]
    report = try_out(make_order(), made, notices.append)
    assert (started, report.is_resumed, report.has_passed) == ([None, "up", None], False, True)
    assert (
        Notice(message="the kept machine is of no use (QEMU refused snapshot-load): booting anew")
        in notices
    )


def test_a_machine_that_cannot_be_kept_is_tested_all_the_same(bench, make_order, machine):
    made, _started = bench
    notices = []

    def save(name):
        raise MachineError("no room")

    machine.save = save
    assert try_out(make_order(), made, notices.append).has_passed
    assert Notice(message="the machine cannot be kept for the next test: no room") in notices

"""Run real machines that have nothing but their firmware: a few seconds each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.vm.errors import MachineEnded, MachineError
from arkes_build.vm.machine import Machine
from arkes_build.vm.spec import Spec

pytestmark = [pytest.mark.engine, pytest.mark.timeout(120)]


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    disk = tmp_path / "disk.raw"
    with disk.open("wb") as stream:
        stream.truncate(64 << 20)
    return Spec(disk=disk, folder=tmp_path / "machine, one", memory=256, cpus=1, accel="tcg")


def machines(folder: Path) -> list[int]:
    """Return the QEMU processes that have to do with a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if line.startswith(b"/usr/bin/qemu") and str(folder).encode() in line.replace(b",,", b","):
            found.append(int(entry.name))
    return found


def test_a_machine_is_looked_at_set_back_and_cut_off(spec: Spec, tmp_path: Path) -> None:
    with Machine(spec) as machine:
        assert len(machines(machine.folder)) == 1
        machine.save("here")
        machine.screenshot(tmp_path / "screen.png")
        machine.load("here")
        machine.forget("here")
        machine.link(up=False)
        machine.reset()
        machine.kill()
        assert not machine.is_running()
        with pytest.raises(MachineEnded):
            machine.monitor.command("stop")
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert machines(spec.folder or tmp_path) == []


def test_a_machine_goes_on_from_what_another_process_kept(spec: Spec) -> None:
    with Machine(spec) as machine:
        machine.save("here")
    with Machine(replace(spec, snapshot="here")) as machine:
        assert machine.monitor.command("query-status")["status"] == "running"


def test_no_folder_stays_that_nobody_asked_for(spec: Spec) -> None:
    with Machine(replace(spec, folder=None)) as machine:
        folder = machine.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_what_qemu_says_before_it_gives_up_is_told(spec: Spec) -> None:
    with pytest.raises(MachineError) as caught, Machine(replace(spec, memory=-1)):
        pass
    assert "memory" in caught.value.details.lower() or "-m" in caught.value.details


def test_a_machine_dies_with_a_parent_that_is_killed(spec: Spec, tmp_path: Path) -> None:
    script = f"""
import time
from dataclasses import replace
from pathlib import Path
from arkes_build.vm.machine import Machine
from arkes_build.vm.spec import Spec
with Machine(Spec(disk=Path({str(spec.disk)!r}), folder=Path({str(spec.folder)!r}),
                  memory=256, cpus=1, accel="tcg")):
    Path({str(tmp_path / "up")!r}).touch()
    time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    while not (tmp_path / "up").exists():
        assert parent.poll() is None
        time.sleep(0.05)
    assert len(machines(spec.folder or tmp_path)) == 1
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 30
    while machines(spec.folder or tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    assert machines(spec.folder or tmp_path) == []

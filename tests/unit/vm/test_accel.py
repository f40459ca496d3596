"""The machine that is tried is a script; the trial itself is the real one."""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from arkes_build.vm import accel
from arkes_build.vm.accel import Accel
from arkes_build.vm.tables import ARCHES, find_arch, host_arch

if TYPE_CHECKING:
    from pathlib import Path

ARCH = replace(ARCHES["x86_64"], name=host_arch())
CONSOLE = """#!/bin/sh
test "$1" = --version && echo "QEMU emulator version 1.2.3" && exit
echo ran >>COUNT
for word; do case $word in file,*path=*) log=${word#*path=};; esac; done
"""
COMES_UP = "echo 'Kernel panic: Unable to mount root fs' >$log; sleep 60"
HANGS = "echo 'Linux version 6' >$log; sleep 60"
REFUSES = "echo 'failed to initialize kvm: No such device'; exit 1"


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(accel, "PROBE_SECONDS", 1.0)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(accel.probe, "__kwdefaults__", {"seconds": 1.0})
    (tmp_path / "kernel").write_bytes(b"kernel")
    (tmp_path / "kvm").touch()
    return tmp_path / ARCH.qemu


def choose(qemu: Path, body: str) -> Accel:
    folder = qemu.parent
    qemu.write_text(CONSOLE.replace("COUNT", str(folder / "count")) + body)
    qemu.chmod(0o755)
    kvm = folder / "kvm"
    found = accel.choose(ARCH, folder / "kernel", device=kvm, cache=folder / "cache")
    return replace(found, reason=found.reason.replace(str(kvm), "KVM"))


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        pytest.param(COMES_UP, "kvm", "a kernel came up under", id="a kernel comes up"),
        pytest.param(HANGS, "tcg", "no kernel came up under it within 1 s", id="a kernel hangs"),
        pytest.param(REFUSES, "tcg", "failed to initialize kvm: No such device", id="refused"),
    ],
)
def test_a_trial_decides_once(qemu: Path, body: str, name: str, reason: str) -> None:
    first = choose(qemu, body)
    assert (first.name, reason in first.reason) == (name, True)
    assert choose(qemu, body) == first
    assert (qemu.parent / "count").read_text() == "ran\n"


def test_without_the_device_nothing_is_tried(tmp_path: Path) -> None:
    missing = tmp_path / "kvm"
    assert accel.choose(ARCH, None, device=missing) == Accel(
        name="tcg", reason=f"{missing} is not there"
    )


def test_without_a_kernel_nothing_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "release", lambda: "none")
    device = tmp_path / "kvm"
    device.touch()
    assert accel.choose(ARCH, None, device=device) == Accel(
        name="tcg", reason=f"no kernel at hand to try {device} with"
    )


def test_another_architecture_is_emulated() -> None:
    other = find_arch("aarch64" if host_arch() == "x86_64" else "x86_64")
    assert accel.choose(other, None).name == "tcg"

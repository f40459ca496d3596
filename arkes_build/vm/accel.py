"""Choose how the guest's instructions are run: by KVM where that works, else by QEMU itself.

A device file does not tell: there are machines with a /dev/kvm under which no kernel of a
distribution boots. So one is booted, for ten seconds at most, and the answer is kept.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from arkes_build.core import kept, process
from arkes_build.core.digest import file_digest
from arkes_build.vm.tables import Arch, host_arch

KVM = Path("/dev/kvm")
PROBE_SECONDS = 10.0
_CAME_UP = (b"Unable to mount root fs", b"No working init found", b"Run /init")
"""What a kernel without a root file system says when it has come all the way."""
_MOST_LOG = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Accel:
    """What was chosen, ``kvm`` or ``tcg``, and why."""

    name: str
    reason: str


def choose(
    arch: Arch, kernel: Path | None, *, device: Path = KVM, cache: Path | None = None
) -> Accel:
    """Return how guests of an architecture run here; ``kernel`` is one to try with.

    Without one, a kernel of the host is taken. What a trial said is kept in the user's
    cache folder (or ``cache``) for the same kernel of the host, QEMU and guest's kernel.
    """
    if arch.name != host_arch():
        return Accel(name="tcg", reason=f"a guest for {arch.name} on {host_arch()} is emulated")
    if not os.access(device, os.R_OK | os.W_OK):
        reason = "not ours to open" if device.exists() else "not there"
        return Accel(name="tcg", reason=f"{device} is {reason}")
    kernel = kernel or _host_kernel()
    if kernel is None:
        return Accel(name="tcg", reason=f"no kernel at hand to try {device} with")
    folder = cache or kept.folder()
    place = folder / "accel" / _key(arch, kernel) if folder else None
    if place is not None and (known := _read(place)):
        return known
    found = probe(arch, kernel)
    if place is not None:
        kept.write(place, json.dumps(asdict(found), sort_keys=True).encode())
    return found


def probe(arch: Arch, kernel: Path, *, seconds: float = PROBE_SECONDS) -> Accel:
    """Boot a kernel under KVM until it misses its root file system, for so many seconds."""
    with tempfile.TemporaryDirectory(prefix="arkes-probe-") as folder:
        log = Path(folder) / "console"
        with (Path(folder) / "qemu").open("w+b") as said:
            started = time.monotonic()
            qemu = process.Background(_arguments(arch, kernel, log), log=said)
            try:
                came_up = _watch(qemu, log, started + seconds)
            finally:
                qemu.kill()
            taken = time.monotonic() - started
            said.seek(0)
            words = said.read(2000).decode("utf-8", "replace").strip().splitlines()
        if came_up:
            return Accel(name="kvm", reason=f"a kernel came up under {KVM} in {taken:.1f} s")
        what = words[-1] if words else f"no kernel came up under it within {taken:.0f} s"
        return Accel(name="tcg", reason=f"{KVM} does not serve: {what}")


def _watch(qemu: process.Background, log: Path, deadline: float) -> bool:
    while time.monotonic() < deadline:
        text = _tail(log)
        if any(mark in text for mark in _CAME_UP):
            return True
        if qemu.wait(0.1):
            return any(mark in _tail(log) for mark in _CAME_UP)
    return False


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as stream:
            return stream.read(_MOST_LOG)
    except OSError:
        return b""


def _arguments(arch: Arch, kernel: Path, log: Path) -> list[str]:
    return [
        *(arch.qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-machine", arch.machine, "-accel", "kvm", "-cpu", "host", "-m", "512"),
        *("-chardev", f"file,id=console,path={str(log).replace(',', ',,')}"),
        *("-serial", "chardev:console", "-kernel", str(kernel)),
        *("-append", f"console={arch.console} panic=-1"),
    ]


def _host_kernel() -> Path | None:
    release = platform.release()
    for place in (f"/boot/vmlinuz-{release}", f"/usr/lib/modules/{release}/vmlinuz"):
        if os.access(place, os.R_OK):
            return Path(place)
    return None


def _key(arch: Arch, kernel: Path) -> str:
    qemu = process.run([arch.qemu, "--version"]).output.split("\n")[0].split("version")[-1].split()
    version = qemu[0] if qemu else ""
    name = f"{arch.name}-{platform.release()}-{version}-{file_digest(kernel)[-16:]}"
    return "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in name)


def _read(place: Path) -> Accel | None:
    body = kept.read(place)
    try:
        value = json.loads(body) if body is not None else None
        return Accel(name=value["name"], reason=value["reason"]) if value else None
    except (ValueError, KeyError, TypeError):
        return None

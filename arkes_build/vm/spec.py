"""Say what a virtual machine is made of, and turn that into QEMU's arguments."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arkes_build.vm.tables import host_arch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from arkes_build.vm.accel import Accel
    from arkes_build.vm.tables import Arch, Firmware

AGENT_PORT = "arkes.agent"
VERDICT_PORT = "arkes.verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to boot and with what around it.

    ``folder`` keeps console.log, the copy-on-write layer disk.qcow2 and the firmware's
    variables.qcow2; without one a folder is made and removed again. ``memory`` is in MiB.
    ``accel`` is ``kvm`` or ``tcg``; None asks ``accel.choose``, which tries ``kernel``.
    ``overlay=False`` writes into ``disk`` itself, which then has to be a qcow2.
    ``credentials`` are systemd's. ``kernel_extra`` is added to the kernel's arguments by
    systemd-boot. ``snapshot`` starts from what ``Machine.save`` kept in that folder.
    ``cache`` is one of QEMU's cache modes; ``writeback`` loses at a kill what the guest
    did not flush, as a disk does at a power cut. ``agent=False`` boots without ours.
    ``drives`` are further disks, raw files that the guest can only read; ``forwards`` leads
    ports of the host's loopback to TCP ports of the guest.
    """

    disk: Path
    folder: Path | None = None
    arch: str = field(default_factory=host_arch)
    memory: int = 1024
    cpus: int = 2
    accel: str | None = None
    kernel: Path | None = None
    overlay: bool = True
    credentials: Mapping[str, str | bytes] = field(default_factory=dict)
    kernel_extra: str = ""
    net: bool = True
    snapshot: str | None = None
    cache: str = "writeback"
    agent: bool = True
    watchdog: bool = True
    drives: tuple[Path, ...] = ()
    forwards: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the parts of one running machine are: files, and the three sockets' descriptors."""

    disk: Path
    disk_format: str
    variables: Path
    console: Path
    monitor: int
    agent: int
    verdict: int


def arguments(
    spec: Spec, arch: Arch, accel: Accel, firmware: Firmware, places: Places
) -> list[str]:
    """Return QEMU's command line for one machine."""
    processor = "host" if accel.name == "kvm" else arch.tcg_cpu
    engine = "kvm" if accel.name == "kvm" else "tcg,thread=multi"
    return [
        *(arch.qemu, "-nodefaults", "-no-user-config", "-display", "none"),
        *("-machine", f"{arch.machine},pflash0=code,pflash1=variables"),
        *("-accel", engine, "-cpu", processor),
        *("-m", str(spec.memory), "-smp", str(spec.cpus)),
        *_block("code", firmware.code, "raw", read_only=True),
        *_block("variables", places.variables, "qcow2"),
        *_block("disk", places.disk, places.disk_format, cache=spec.cache),
        *("-device", "virtio-blk-pci,drive=disk,bootindex=0"),
        *_drives(spec),
        *_network(spec),
        *("-device", "virtio-rng-pci", "-device", "VGA" if arch.name == "x86_64" else "ramfb"),
        *("-device", "virtio-serial-pci"),
        *_port(AGENT_PORT, places.agent),
        *_port(VERDICT_PORT, places.verdict),
        *("-chardev", f"file,id=console,path={_comma(str(places.console))},append=on"),
        *("-serial", "chardev:console"),
        *("-chardev", f"socket,id=monitor,fd={places.monitor}"),
        *("-mon", "chardev=monitor,mode=control"),
        *(("-device", "i6300esb", "-action", "watchdog=reset") if spec.watchdog else ()),
        *(("-S",) if spec.snapshot else ()),
        *smbios(spec.credentials, spec.kernel_extra),
    ]


def smbios(credentials: Mapping[str, str | bytes], kernel_extra: str) -> list[str]:
    """Return the arguments that put credentials into SMBIOS's OEM strings (type 11).

    systemd.system-credentials(7) and systemd-stub(7) have the names. Not fw_cfg: its names
    end after 55 characters, which is less than a unit's credential needs.
    """
    values = []
    for name, value in sorted(credentials.items()):
        data = value.encode() if isinstance(value, str) else value
        text = base64.b64encode(data).decode("ascii")
        values.append(f"io.systemd.credential.binary:{name}={text}")
    if kernel_extra:
        values.append(f"io.systemd.boot.kernel-cmdline-extra={kernel_extra}")
    return [part for text in values for part in ("-smbios", f"type=11,value={_comma(text)}")]


def _block(
    name: str, path: Path, kind: str, *, read_only: bool = False, cache: str = "writeback"
) -> list[str]:
    file: dict[str, Any] = {"driver": "file", "filename": str(path)}
    node: dict[str, Any] = {"driver": kind, "node-name": name, "file": file}
    if read_only:
        node["read-only"] = file["read-only"] = True
    else:
        node["discard"] = file["discard"] = "unmap"
        node["cache"] = file["cache"] = {
            "direct": cache in ("none", "directsync"),
            "no-flush": cache == "unsafe",
        }
    return ["-blockdev", json.dumps(node, sort_keys=True)]


def _network(spec: Spec) -> list[str]:
    if not spec.net:
        return []
    led = [f",hostfwd=tcp:127.0.0.1:{ours}-:{theirs}" for ours, theirs in spec.forwards.items()]
    card = "virtio-net-pci,netdev=net,id=card,romfile="
    return ["-netdev", "".join(["user,id=net", *led]), "-device", card]


def _drives(spec: Spec) -> list[str]:
    said: list[str] = []
    for number, path in enumerate(spec.drives):
        said += _block(f"drive{number}", path, "raw", read_only=True)
        said += ["-device", f"virtio-blk-pci,drive=drive{number}"]
    return said


def _port(name: str, descriptor: int) -> list[str]:
    return [
        *("-chardev", f"socket,id={name},fd={descriptor}"),
        *("-device", f"virtserialport,chardev={name},name={name}"),
    ]


def _comma(text: str) -> str:
    """Double the commas: QEMU's options end at a single one."""
    return text.replace(",", ",,")

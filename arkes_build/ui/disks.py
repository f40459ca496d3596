"""Show a disk that was made: its partitions, how to boot it and how to write it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.disk.model import Form
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import duration, safe

if TYPE_CHECKING:
    from arkes_build.disk.model import Disk, Partition
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

_FIRMWARE = {
    "x86_64": "/usr/share/ovmf/OVMF.fd",
    "aarch64": "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
}
_MACHINE = {"x86_64": "q35,smbios-entry-point-type=64"}


def disk_lines(disk: Disk, screen: Screen) -> list[str]:
    """Return what was made, and what can be done with it."""
    grid = Grid(
        titles=("PARTITION", "SIZE", "FILE SYSTEM", "UUID"), right=frozenset({"SIZE"}), telling=""
    )
    lines = grid.draw([_row(one) for one in disk.layout.partitions], screen)
    return [headline(disk), "", *lines, "", *_uses(disk)]


def headline(disk: Disk) -> str:
    """Return in one line which disk it is."""
    release = disk.release
    words = [
        f"{release.node} {release.version} ({release.commit[:SHORT_COMMIT]})",
        f"{size(disk.layout.size)} disk in {size(disk.stored)}",
        "unchanged" if disk.is_unchanged else f"made in {duration(disk.seconds)}",
    ]
    return f"{safe(str(disk.path))}: {', '.join(words)}"


def _row(one: Partition) -> Row:
    return Row(
        cells=(f"{one.number} {one.role.value}", size(one.size), one.file_system, one.uuid),
        telling=(),
        styles=(None, None, Style.CALM, Style.CALM),
    )


def _uses(disk: Disk) -> list[str]:
    path = safe(shlex.quote(str(disk.path)))
    arch = disk.release.arch
    machine = _MACHINE.get(arch, "virt")
    firmware = _FIRMWARE.get(arch, "UEFI.fd")
    drive = f"file={path},format={disk.form.value},if=virtio"
    console = "type=11,value=io.systemd.boot.kernel-cmdline-extra=console=ttyS0"
    qemu = f"qemu-system-{arch} -machine {machine} -accel kvm -accel tcg -cpu max -m 2G -smp 2"
    write = f"sudo qemu-img convert -O raw {path} /dev/DISK"
    if disk.form is Form.RAW:
        write = f"sudo dd if={path} of=/dev/DISK bs=4M conv=fsync status=progress"
    return [
        f"boot it:   {qemu} \\",
        f"             -bios {firmware} -drive {drive} \\",
        f"             -nographic -smbios {console}",
        f"write it:  {write}   (all on DISK is lost)",
    ]


def disk_shape(disk: Disk) -> documents.DiskDocument:
    """Return the JSON shape of a disk."""
    release = disk.release
    return {
        "schema": SCHEMA,
        "type": "disk",
        "path": str(disk.path),
        "format": disk.form.value,
        "is_unchanged": disk.is_unchanged,
        "node": release.node,
        "ref": release.ref,
        "commit": release.commit,
        "version": release.version,
        "arch": release.arch,
        "size": disk.layout.size,
        "stored": disk.stored,
        "guid": disk.layout.guid,
        "partitions": [_partition_shape(one) for one in disk.layout.partitions],
        "update_url": disk.update_url,
        "kargs": list(disk.kargs),
        "seconds": round(disk.seconds, 3),
    }


def _partition_shape(one: Partition) -> documents.DiskPartition:
    return {
        "role": one.role.value,
        "number": one.number,
        "start": one.start,
        "size": one.size,
        "kind": one.kind,
        "guid": one.guid,
        "file_system": one.file_system,
        "uuid": one.uuid,
    }

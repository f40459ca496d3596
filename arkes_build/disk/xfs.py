"""Make an XFS file system of a folder's files, inside a machine that runs the system itself.

No tool fills an XFS without mounting it and keeps hard links and extended attributes
(mkfs.xfs -p copies neither up to 6.16). So the system boots from an ext4 of the same files,
on a disk that has two partitions more: one is a tar of the files, the other becomes the XFS.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.disk import esp, ext4, tools
from arkes_build.disk.errors import FileSystemFailed
from arkes_build.disk.layout import MIB, script
from arkes_build.disk.model import Layout, Partition, Role
from arkes_build.disk.sparse import copy_sparse

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.disk.model import Release, Tree

_DOING = "making the XFS file system"
_BOOT_SECONDS = 900.0
_FILL_SECONDS = 1800.0
_FILL = """\
set -eu
disk=$(findmnt -nvro SOURCE --first-only --mountpoint /sysroot | sed 's/[0-9]*$//')
# The new file system has the name of the one that runs: udev is not to mistake them.
udevadm control --stop-exec-queue
mkdir -p /run/arkes-xfs
mkfs.xfs -q -f -L root -m uuid={uuid} "${{disk}}4"
mount -t xfs "${{disk}}4" /run/arkes-xfs
tar --numeric-owner --xattrs --xattrs-include='*' --acls -xpf "${{disk}}3" -C /run/arkes-xfs
umount /run/arkes-xfs
sync
"""


def make(
    image: Path, tree: Tree, partition: Partition, *, work: Path, release: Release, layout: Layout
) -> None:
    """Write the file system of the tree's root into the new file ``image``.

    Takes as long as a boot and needs QEMU. Not the same bytes each time. Raises what
    ``tools.run`` and ``vm.machine.Machine`` raise.
    """
    from arkes_build.vm.machine import Machine
    from arkes_build.vm.spec import Spec
    from arkes_build.vm.tables import find_arch

    disk, target = _helper_disk(
        tree, partition, work=work, timestamp=release.timestamp, layout=layout
    )
    spec = Spec(
        disk=disk,
        folder=work / "vm",
        arch=release.arch,
        cpus=1,
        kernel=next((tree.esp / "arkes").rglob("linux*"), None),
        kernel_extra=f"console={find_arch(release.arch).console}",
        overlay=False,
        net=False,
    )
    with Machine(spec) as machine:
        machine.guest.wait(timeout=_BOOT_SECONDS)
        result = machine.guest.run(_FILL.format(uuid=partition.uuid), timeout=_FILL_SECONDS)
        if result.exit:
            raise FileSystemFailed(_DOING, details=f"{result.out}{result.err}".strip())
        machine.powerdown(timeout=_BOOT_SECONDS)
    _take_out(disk, image, begin=target, size=partition.size)
    disk.unlink()


def _take_out(disk: Path, image: Path, *, begin: int, size: int) -> None:
    """Copy one partition of a qcow2 into a new raw file, holes as holes."""
    below = {"driver": "qcow2", "file": {"driver": "file", "filename": str(disk)}}
    part = json.dumps({"driver": "raw", "offset": begin, "size": size, "file": below})
    argv = ["qemu-img", "convert", "-O", "raw", f"json:{part}", str(image)]
    tools.run(argv, doing=_DOING, at=image)


def _helper_disk(
    tree: Tree, partition: Partition, *, work: Path, timestamp: int, layout: Layout
) -> tuple[Path, int]:
    """Make the disk that is booted; return it and where the XFS is to be."""
    tar = work / "root.tar"
    argv = ["tar", "--sort=name", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls"]
    argv += ["-C", str(tree.root), "-cf", str(tar), "."]
    tools.run(argv, doing=_DOING, at=tar)
    size = -(-tar.stat().st_size // MIB) * MIB
    root = layout.of(Role.ROOT)
    third = replace(root, number=3, start=root.start + root.size, size=size, guid=_guid(root, 3))
    fourth = replace(root, number=4, start=third.start + size, guid=_guid(root, 4))
    helper = Layout(
        size=fourth.start + fourth.size + MIB,
        guid=layout.guid,
        partitions=(*layout.partitions, third, fourth),
    )
    raw, part = work / "helper.raw", work / "helper.img"
    tools.new_file(raw, helper.size)
    tools.run(["sfdisk", "-q", str(raw)], doing=_DOING, at=raw, stdin=script(helper))
    esp.make(part, tree.esp, layout.of(Role.ESP), timestamp=timestamp)
    _move(part, raw, layout.of(Role.ESP).start)
    ext4.make(part, tree.root, root, timestamp=timestamp, hash_seed=partition.guid)
    _move(part, raw, root.start)
    with tools.told(raw, doing=_DOING):
        copy_sparse(tar, raw, third.start)
    tar.unlink()
    disk = work / "helper.qcow2"
    argv = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(disk)]
    tools.run(argv, doing=_DOING, at=disk)
    raw.unlink()
    return disk, fourth.start


def _move(part: Path, to: Path, at: int) -> None:
    with tools.told(to, doing=_DOING):
        copy_sparse(part, to, at)
    part.unlink()


def _guid(like: Partition, number: int) -> str:
    return f"{like.guid[:-1]}{(int(like.guid[-1], 16) + number) % 16:x}"

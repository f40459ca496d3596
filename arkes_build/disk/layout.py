"""Decide where everything lies on a disk, and say so in sfdisk's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.disk.errors import DiskTooSmall
from arkes_build.disk.model import Layout, Partition, Role, RootFs

if TYPE_CHECKING:
    from arkes_build.disk.model import Wish

MIB = 1 << 20
GIB = 1 << 30
SECTOR = 512
_EDGE = MIB
"""Kept free at both ends: the table and its copy, and an alignment that suits every disk."""
_ESP_DEFAULT = GIB
_ESP_LEAST = 64 * MIB
"""Below about 33 MiB there is no FAT32, which is what firmware surely reads."""
_ROOT_DEFAULT = 4 * GIB
_ROOT_LEAST = {RootFs.EXT4: 64 * MIB, RootFs.BTRFS: 256 * MIB, RootFs.XFS: 300 * MIB}
_ESP_KIND = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
_ROOT_KINDS = {
    "x86_64": "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
    "aarch64": "b921b045-1df0-41c3-af44-4c6f280d3fae",
    "riscv64": "72ec70a6-cf74-40e6-bd49-4bda08e8f224",
}
"""The types of partitions: UEFI 2.10, 5.3.3, and the Discoverable Partitions Specification."""


def lay_out(wish: Wish, *, root_bytes: int, esp_bytes: int) -> Layout:
    """Return the layout for a system of so many bytes; raises ``DiskTooSmall``.

    Without a size the root has room for the system three times, and for 4 GiB at least; the
    disk is then a whole number of GiB. The ESP has room for three kernels and is 1 GiB.
    """
    esp_least = max(_ESP_LEAST, _up(esp_bytes + esp_bytes // 8 + 4 * MIB, MIB))
    esp = _esp_size(wish, least=esp_least, room_for_three=esp_bytes * 4)
    root_least = max(_ROOT_LEAST[wish.root_fs], _up(root_bytes + root_bytes // 5 + 32 * MIB, MIB))
    least = 2 * _EDGE + esp + root_least
    if wish.size is None:
        size = _up(2 * _EDGE + esp + max(_ROOT_DEFAULT, root_bytes * 3), GIB)
    elif wish.size < least:
        raise DiskTooSmall(what=wish.release.node, wanted=wish.size, needed=least)
    else:
        size = wish.size - wish.size % SECTOR
    return Layout(size=size, guid=wish.identity.disk, partitions=_partitions(wish, esp, size))


def _esp_size(wish: Wish, *, least: int, room_for_three: int) -> int:
    """Return the size of the ESP; on a small disk it takes a quarter unless one was named."""
    if wish.esp_size is None:
        size = max(_ESP_DEFAULT, _up(room_for_three, GIB // 2))
        return size if wish.size is None else max(least, min(size, _up(wish.size // 4, MIB)))
    if wish.esp_size < least:
        raise DiskTooSmall(what="the EFI system partition", wanted=wish.esp_size, needed=least)
    return _up(wish.esp_size, MIB)


def _partitions(wish: Wish, esp: int, size: int) -> tuple[Partition, ...]:
    start = _EDGE + esp
    end = (size - _EDGE) - (size - _EDGE) % MIB
    return (
        Partition(
            role=Role.ESP,
            number=1,
            start=_EDGE,
            size=esp,
            kind=_ESP_KIND,
            guid=wish.identity.esp,
            file_system="vfat",
            uuid=wish.identity.volume_name,
        ),
        Partition(
            role=Role.ROOT,
            number=2,
            start=start,
            size=end - start,
            kind=_ROOT_KINDS[wish.release.arch],
            guid=wish.identity.root,
            file_system=wish.root_fs.value,
            uuid=wish.identity.root_fs,
        ),
    )


def script(layout: Layout) -> str:
    """Return what sfdisk reads to write the table (sfdisk(8), "input formats")."""
    lines = [
        "label: gpt",
        f"label-id: {layout.guid.upper()}",
        "unit: sectors",
        f"first-lba: {_EDGE // SECTOR}",
        "",
    ]
    lines += [
        f"start={one.start // SECTOR}, size={one.size // SECTOR}, type={one.kind.upper()}, "
        f'uuid={one.guid.upper()}, name="{one.role.value}"'
        for one in layout.partitions
    ]
    return "\n".join(lines) + "\n"


def _up(count: int, step: int) -> int:
    return -(-count // step) * step

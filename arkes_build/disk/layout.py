"""Decide where everything lies on a disk, and say so in sfdisk's words."""

from __future__ import annotations

from dataclasses import dataclass
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
    needs = Needs.of(wish.root_fs, root_bytes=root_bytes, esp_bytes=esp_bytes)
    needs.hold(wish.size, wish.esp_size, what=wish.release.node)
    esp = _esp_size(wish, needs, room_for_three=esp_bytes * 4)
    if wish.size is None:
        size = _up(2 * _EDGE + esp + max(_ROOT_DEFAULT, root_bytes * 3), GIB)
    else:
        size = wish.size - wish.size % SECTOR
    return Layout(size=size, guid=wish.identity.disk, partitions=_partitions(wish, esp, size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The least sizes of both partitions, in bytes; whole MiB."""

    root: int
    esp: int

    @classmethod
    def of(cls, root_fs: RootFs, *, root_bytes: int = 0, esp_bytes: int = 0) -> Needs:
        """Return what so many bytes need, with room to breathe; without them what any system needs.

        A file system has to have some size to be one.
        """
        return cls(
            root=max(_ROOT_LEAST[root_fs], _up(root_bytes + root_bytes // 5 + 32 * MIB, MIB)),
            esp=max(_ESP_LEAST, _up(esp_bytes + esp_bytes // 8 + 4 * MIB, MIB)),
        )

    def hold(self, size: int | None, esp_size: int | None, *, what: str = "any system") -> None:
        """Raise ``DiskTooSmall`` for a disk or an ESP that is too small; None is left to us."""
        esp = self.esp if esp_size is None else _up(esp_size, MIB)
        if esp_size is not None and esp_size < self.esp:
            raise DiskTooSmall(what="the EFI system partition", wanted=esp_size, needed=self.esp)
        needed = 2 * _EDGE + esp + self.root
        if size is not None and size < needed:
            raise DiskTooSmall(what=what, wanted=size, needed=needed)


def _esp_size(wish: Wish, needs: Needs, *, room_for_three: int) -> int:
    """Return the size of the ESP, which was not named: on a small disk a quarter at most.

    Where the root would then be too small, it is what is left, so that the least size that is
    told of is enough.
    """
    if wish.esp_size is not None:
        return _up(wish.esp_size, MIB)
    size = max(_ESP_DEFAULT, _up(room_for_three, GIB // 2))
    if wish.size is None:
        return size
    left = (wish.size - 2 * _EDGE - needs.root) // MIB * MIB
    return max(needs.esp, min(size, _up(wish.size // 4, MIB), left))


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

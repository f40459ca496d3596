"""How the root finds the room behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from arkes_build.host.firstboot.grow import Room, find, grow
from arkes_build.host.machine import Host

if TYPE_CHECKING:
    from pathlib import Path

MOUNTS = """\
21 1 254:2 /ostree/deploy/arkes/deploy/x.0 / rw,relatime shared:1 - ext4 /dev/vda2 rw
22 21 254:2 / /sysroot ro,relatime shared:2 - ext4 {device} rw
"""


def machine(root: Path, *, device: str, parts: dict[str, tuple[int, int]], size: int) -> Host:
    """Lay out /sys of a disk with partitions: name → start and size in sectors."""
    disk = root / "sys/devices/pci/vda"
    disk.mkdir(parents=True)
    (disk / "size").write_text(f"{size}\n")
    block = root / "sys/class/block"
    block.mkdir(parents=True)
    for at, (name, (start, length)) in enumerate(parts.items(), start=1):
        (disk / name).mkdir()
        for fact, value in {"partition": at, "start": start, "size": length}.items():
            (disk / name / fact).write_text(f"{value}\n")
        (block / name).symlink_to(disk / name)
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(MOUNTS.format(device=device))
    return Host(root=root)


TWO = {"vda1": (2048, 2097152), "vda2": (2099200, 10481664)}


@pytest.mark.parametrize(
    ("device", "parts", "size", "expected"),
    [
        pytest.param(
            "/dev/vda2", TWO, 12582912,
            Room(disk="/dev/vda", device="/dev/vda2", number=2, free=2048),
            id="a disk as it was written",
        ),
        pytest.param(
            "/dev/vda2", TWO, 41943040,
            Room(disk="/dev/vda", device="/dev/vda2", number=2, free=29362176),
            id="a larger disk",
        ),
        pytest.param(
            "/dev/vda1", TWO, 41943040,
            Room(disk="/dev/vda", device="/dev/vda1", number=1, free=0),
            id="a partition with another behind it",
        ),
        pytest.param("/dev/mapper/root", TWO, 41943040, None, id="a root that is no partition"),
    ],
)  # fmt: skip
def test_the_room_is_what_nobody_has_behind_the_last_partition(
    tmp_path: Path, device: str, parts: dict[str, tuple[int, int]], size: int, expected: Room | None
) -> None:
    assert find(machine(tmp_path, device=device, parts=parts, size=size)) == expected


@pytest.mark.parametrize(
    ("size", "said", "programs"),
    [
        pytest.param(
            41943040,
            "/dev/vda2 grew by 14337 MiB",
            ["sfdisk", "sfdisk", "partx"],
            id="there is room",
        ),
        pytest.param(12582912, "/dev/vda2 has the whole disk already", [], id="there is none"),
    ],
)
def test_table_and_file_system_grow(
    tmp_path: Path, size: int, said: str, programs: list[str]
) -> None:
    called: list[list[str]] = []
    host = machine(tmp_path, device="/dev/vda2", parts=TWO, size=size)
    assert grow(host, run=lambda argv, **_: called.append(argv)) == said
    assert [argv[0] for argv in called] == [*programs, "/usr/lib/systemd/systemd-growfs"]

"""Let the root partition and its file system have the whole disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core import process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arkes_build.host.machine import Host

_SECTOR = 512
"""What /sys counts in, whatever the disk's own sectors are."""
_LEAST = 16 * 1024 * 1024 // _SECTOR
"""Less than this is not worth a new partition table; its copy at the end takes 33 sectors."""
_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The root's partition and the sectors behind it that nobody has."""

    disk: str
    device: str
    number: int
    free: int


def grow(host: Host, *, run: Callable[..., object] = process.run) -> str:
    """Enlarge partition and file system as far as there is room; return what was done.

    Safe at any moment: sfdisk writes the copy of the table first, and the file system grows
    in the kernel, in its journal. A root that is no partition (encrypted, on several disks)
    stays as it is.
    """
    room = find(host)
    if room is None:
        return "the root is no partition of a disk: it was left as it is"
    grown = room.free >= _LEAST
    if grown:
        quiet = ["sfdisk", "-q", "--no-reread", "--no-tell-kernel"]
        # The table's copy goes to where the disk ends now, then there is room before it.
        run([*quiet, "--relocate", "gpt-bak-std", room.disk], timeout=_SECONDS)
        argv = [*quiet, "-N", str(room.number), room.disk]
        run(argv, stdin=b", +\n", timeout=_SECONDS)
        run(["partx", "--update", "--nr", str(room.number), room.disk], timeout=_SECONDS)
    # Of the places where the file system is mounted, /var is the one that can be written.
    run(["/usr/lib/systemd/systemd-growfs", "/var"], timeout=_SECONDS)
    if grown:
        return f"{room.device} grew by {room.free * _SECTOR >> 20} MiB"
    return f"{room.device} has the whole disk already"


def find(host: Host) -> Room | None:
    """Return where the root is and what room is behind it; None when it is no partition."""
    name = _source(host).rpartition("/")[2]
    block = host.root / "sys/class/block"
    part = (block / name).resolve() if name else block
    number, start, size = (_count(part / fact) for fact in ("partition", "start", "size"))
    if not number or not size:
        return None
    disk = part.parent
    end = _count(disk / "size")
    later = [_count(other) for other in disk.glob("*/start") if _count(other) > start]
    free = (min(later) if later else end) - (start + size)
    # What follows belongs to another partition, which stays where it is.
    return Room(
        disk=f"/dev/{disk.name}",
        device=f"/dev/{part.name}",
        number=number,
        free=0 if later else free,
    )


def _source(host: Host) -> str:
    """Return the device that /sysroot is on (proc_pid_mountinfo(5))."""
    for line in (host.root / "proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        fields, _, rest = line.partition(" - ")
        if fields.split()[4:5] == ["/sysroot"] and len(rest.split()) > 1:
            return rest.split()[1]
    return ""


def _count(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0

"""Keep a machine that was seen to boot, so that the next test of the same disk goes on from there.

What is kept is the copy-on-write layer of the disk with memory and processors in it, and the
firmware's variables. It stands for a boot only as long as all that the boot was made of is
the same: that is the key.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.digest import digest
from arkes_build.trial.run import Seen
from arkes_build.vm.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

UP = "up"
"""The snapshot's name."""
MOST_KEPT = 2
"""Machines that are kept, of whatever nodes: each takes about as much as its memory."""
_FILE = "seen.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder of one node's machine, and the key of what it would be made of now."""

    folder: Path
    key: str

    def seen(self) -> Seen | None:
        """Return the boot that is kept here for this very key, None when there is none."""
        try:
            value = json.loads((self.folder / _FILE).read_bytes())
            if value["key"] != self.key or not (self.folder / "disk.qcow2").exists():
                return None
            return Seen(verdict=_verdict(value["verdict"]), seconds=float(value["seconds"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def keep(self, seen: Seen) -> None:
        """Say that the snapshot in the folder is whole, and of which boot it is."""
        value = {"key": self.key, "seconds": seen.seconds, "verdict": asdict(seen.verdict)}
        write_atomically(self.folder / _FILE, json.dumps(value, sort_keys=True).encode("ascii"))
        self._let_others_go()

    def clear(self) -> None:
        """Remove what is here: a machine that boots anew shares nothing with an older one."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _let_others_go(self) -> None:
        kept = [path.parent for path in self.folder.parent.glob(f"*/{_FILE}")]
        kept.sort(key=lambda path: (path / _FILE).stat().st_mtime_ns, reverse=True)
        for folder in kept[MOST_KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)


def key_of(disk: Path, **made_of: str | int) -> str:
    """Return the key of a machine: its disk's file as it is now, and all else by name.

    A file whose inode, size and time are the same has the same content: disks are replaced
    by renaming, never written to.
    """
    state = disk.stat()
    file = [str(disk), state.st_ino, state.st_size, state.st_mtime_ns]
    return digest({"disk": file, "made of": made_of})


def _verdict(value: dict[str, Any]) -> Verdict:
    return Verdict(
        state=str(value["state"]),
        is_complete=value["is_complete"] is True,
        failed=tuple(str(one) for one in value["failed"]),
        deployment=str(value["deployment"]),
        kernel=str(value["kernel"]),
        times={str(name): float(seconds) for name, seconds in value["times"].items()},
        boot=str(value["boot"]),
        uptime=float(value["uptime"]),
    )

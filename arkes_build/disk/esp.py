"""Make the EFI system partition: a FAT file system with the boot loader's files, no mount."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.disk import tools

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.disk.model import Partition

_DOING = "making the EFI system partition"


def make(image: Path, folder: Path, partition: Partition, *, timestamp: int) -> None:
    """Write the file system of ``folder``'s files into the new file ``image``.

    Names go in sorted and all times are ``timestamp`` (FAT keeps even seconds, and no time
    zone: ours is UTC). Raises what ``tools.run`` raises.
    """
    tools.new_file(image, partition.size)
    # --invariant first: it sets a serial number of its own.
    argv = ["mkfs.vfat", "-F", "32", "-S", "512", "--invariant", "-n", "ESP"]
    number = partition.uuid.replace("-", "")
    tools.run([*argv, "-i", number, str(image)], doing=_DOING, at=image)
    env = {"SOURCE_DATE_EPOCH": str(timestamp), "TZ": "UTC", "MTOOLSRC": os.devnull}
    for place, folders, names in os.walk(folder):
        folders.sort()
        below = os.path.relpath(place, folder)
        to = "::/" if below == "." else f"::/{below}/"
        if folders:
            made = [f"{to}{name}" for name in folders]
            tools.run(["mmd", "-i", str(image), *made], doing=_DOING, at=image, env=env)
        paths = [os.path.join(place, name) for name in sorted(names)]  # noqa: PTH118 - texts
        for path in paths:
            os.utime(path, (timestamp, timestamp))
        if paths:
            argv = ["mcopy", "-m", "-i", str(image), *paths, to]
            tools.run(argv, doing=_DOING, at=image, env=env)

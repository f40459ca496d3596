"""Make a btrfs file system of a folder's files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from arkes_build.disk import tools

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.disk.model import Partition

_DOING = "making the btrfs file system"


def make(image: Path, folder: Path, partition: Partition, *, work: Path) -> None:
    """Write the file system of ``folder``'s files into the new file ``image``.

    mkfs.btrfs before 6.12 writes down how many names a file has on the whole disk, and ours
    share theirs with the store's: so the files are copied first, where that is cheap as
    references. Not the same bytes each time: it draws identifiers of its own. Raises what
    ``tools.run`` raises.
    """
    copy = work / "btrfs-tree"
    argv = ["cp", "-a", "--reflink=auto", "--sparse=always", str(folder), str(copy)]
    tools.run(argv, doing=_DOING, at=image)
    tools.new_file(image, partition.size)
    argv = ["mkfs.btrfs", "-q", "-f", "-L", "root", "-U", partition.uuid]
    # It refuses an identifier that blkid remembers, though it were of a disk made before.
    env = {"BLKID_FILE": str(work / "blkid.tab")}
    tools.run([*argv, "--rootdir", str(copy), str(image)], doing=_DOING, at=image, env=env)
    shutil.rmtree(copy)

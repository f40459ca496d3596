"""Put partitions into one disk image, beside its place, and rename it there when it is whole."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.disk import btrfs, esp, ext4, tools, xfs
from arkes_build.disk.layout import lay_out, script
from arkes_build.disk.measure import occupied
from arkes_build.disk.model import Form, Role, RootFs
from arkes_build.disk.sparse import copy_sparse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arkes_build.disk.model import Layout, Tree, Wish

STEPS = 4
"""Those of ``Maker`` and the deployment before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Make one disk in the folder ``work``; ``step`` hears what is done, of ``STEPS``."""

    wish: Wish
    work: Path
    step: Callable[[str], None] = lambda _text: None

    def lay_out(self, tree: Tree) -> Layout:
        """Return the layout for what is to go on the disk; raises ``DiskTooSmall``."""
        root, boot = occupied(tree.root), occupied(tree.esp)
        return lay_out(self.wish, root_bytes=root, esp_bytes=boot)

    def make(self, tree: Tree, layout: Layout, path: Path) -> None:
        """Write the disk and give it the name ``path``; what has that name goes.

        Raises ``DiskFull``, ``ToolMissing`` and ``FileSystemFailed``; nothing is left then.
        """
        raw = self.work / "disk.raw"
        tools.new_file(raw, layout.size)
        doing = "writing the partition table"
        tools.run(["sfdisk", "-q", str(raw)], doing=doing, at=raw, stdin=script(layout))
        for role in Role:
            part = self.work / f"{role.value}.img"
            self._fill(role, part, tree, layout)
            with tools.told(path, doing=f"writing {path.name}"):
                copy_sparse(part, raw, layout.of(role).start)
            part.unlink()
        self.step(f"write {path.name}")
        done = raw
        if self.wish.form is Form.QCOW2:
            done = self.work / "disk.qcow2"
            argv = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(done)]
            tools.run(argv, doing=f"writing {path.name}", at=done)
        with tools.told(path, doing=f"writing {path.name}"):
            _place(done, path)

    def _fill(self, role: Role, image: Path, tree: Tree, layout: Layout) -> None:
        partition, release = layout.of(role), self.wish.release
        if role is Role.ESP:
            self.step("make the EFI system partition")
            esp.make(image, tree.esp, partition, timestamp=release.timestamp)
            return
        how = ": the system itself is booted for it" if self.wish.root_fs is RootFs.XFS else ""
        self.step(f"make the root file system ({partition.file_system}){how}")
        match self.wish.root_fs:
            case RootFs.EXT4:
                seed = self.wish.identity.hash_seed
                ext4.make(image, tree.root, partition, timestamp=release.timestamp, hash_seed=seed)
            case RootFs.BTRFS:
                btrfs.make(image, tree.root, partition, work=self.work)
            case RootFs.XFS:
                work = self.work
                xfs.make(image, tree, partition, work=work, release=release, layout=layout)


def _place(done: Path, path: Path) -> None:
    descriptor = os.open(done, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    done.chmod(0o644)
    done.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)

"""Hold what a disk is to become, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.disk.identity import Identity


class Form(Enum):
    """Name the form of a disk's file."""

    RAW = "raw"
    QCOW2 = "qcow2"


class RootFs(Enum):
    """Name the file system of the root partition."""

    EXT4 = "ext4"
    XFS = "xfs"
    BTRFS = "btrfs"


class Role(Enum):
    """Name a partition by what it is for; the value is its label in the table too."""

    ESP = "esp"
    ROOT = "root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The commit that the disk is to boot. ``timestamp`` is in seconds since 1970."""

    node: str
    ref: str
    commit: str
    version: str
    timestamp: int
    arch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for; None leaves a size (bytes) to us."""

    release: Release
    root_fs: RootFs
    form: Form
    size: int | None
    esp_size: int | None
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What goes on the disk, as plain folders."""

    root: Path
    esp: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition: places in bytes from the beginning of the disk.

    ``guid`` is its own, ``kind`` the GUID that says what it is for; ``file_system`` and
    ``uuid`` are of what is in it (a FAT volume's is ``XXXX-XXXX``, as blkid shows it).
    """

    role: Role
    number: int
    start: int
    size: int
    kind: str
    guid: str
    file_system: str
    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole disk: its size in bytes, its own GUID, its partitions in order."""

    size: int
    guid: str
    partitions: tuple[Partition, ...]

    def of(self, role: Role) -> Partition:
        """Return the partition of a role."""
        return next(one for one in self.partitions if one.role is role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A disk that was made. ``stored`` is what its file takes, in bytes.

    ``is_unchanged`` says that it was there already and nothing was written.
    """

    release: Release
    path: Path
    form: Form
    layout: Layout
    stored: int
    update_url: str | None
    kargs: tuple[str, ...]
    is_unchanged: bool = False
    seconds: float = 0.0

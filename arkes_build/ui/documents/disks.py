"""Type what is said about a disk that was made."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.words import Schema, described


@described
class DiskPartition(TypedDict):
    """A partition; places are in bytes from the beginning of the disk."""

    role: Literal["esp", "root"]
    """Its name in the partition table too."""
    number: int
    start: int
    size: int
    kind: str
    """The GUID of its type."""
    guid: str
    """Its own GUID (PARTUUID)."""
    file_system: str
    """vfat, ext4, xfs or btrfs."""
    uuid: str
    """The file system's."""


@described
class DiskDocument(TypedDict):
    """The last line of what ``disk --json`` prints."""

    schema: Schema
    type: Literal["disk"]
    path: str
    format: Literal["raw", "qcow2"]
    is_unchanged: bool
    """It was there already, of the same commit and options: nothing was written."""
    node: str
    ref: str
    commit: str
    version: str
    arch: str
    size: int
    """Of the disk that a machine sees, in bytes."""
    stored: int
    """What the file takes, in bytes."""
    guid: str
    partitions: list[DiskPartition]
    update_url: str | None
    """Where the system finds its updates; null when nobody said."""
    kargs: list[str]
    """Kernel arguments of this disk, beside those of every machine and of the image."""
    seconds: float

"""Name a disk and its parts: the same commit gives the same identifiers, or random ones."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_OURS = uuid.UUID("5c1c2d2e-0f3b-5d0e-9a55-6f5d7b1b8a10")
"""The namespace of all identifiers that are derived (RFC 4122, version 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The identifiers of one disk, as texts in lower case; ``volume`` has eight digits."""

    disk: str
    esp: str
    root: str
    root_fs: str
    hash_seed: str
    """What ext4 mixes into the hashes of its folders."""
    volume: str
    """The serial number of the ESP's FAT."""

    @property
    def volume_name(self) -> str:
        """Return the FAT's number as udev and blkid write it."""
        return f"{self.volume[:4]}-{self.volume[4:]}".upper()


def derived(*seed: str) -> Identity:
    """Return the identifiers that belong to a seed: a commit, and what else tells disks apart."""
    return _made(lambda role: uuid.uuid5(_OURS, "\0".join((*seed, role))))


def random() -> Identity:
    """Return identifiers that no other disk has."""
    return _made(lambda _role: uuid.uuid4())


def _made(of: Callable[[str], uuid.UUID]) -> Identity:
    return Identity(
        disk=str(of("disk")),
        esp=str(of("esp")),
        root=str(of("root")),
        root_fs=str(of("root-fs")),
        hash_seed=str(of("hash-seed")),
        volume=of("volume").hex[:8],
    )

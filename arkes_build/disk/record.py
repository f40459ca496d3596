"""Remember which disk was made of what, so that the same one is not made twice."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.digest import bytes_digest
from arkes_build.disk.model import Disk, Form, Layout, Partition, Release, Role

if TYPE_CHECKING:
    import os

FORMAT = 1
"""Rises when disks of the same commit and options come out otherwise."""


def read(folder: Path, path: Path, key: str) -> Disk | None:
    """Return the disk at ``path`` if it was made with this key and nobody touched it since."""
    try:
        found = json.loads(_place(folder, path).read_bytes())
        if found["key"] != key or found["state"] != _state(path.stat()):
            return None
        return _disk(found["disk"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def write(folder: Path, disk: Disk, key: str) -> None:
    """Keep what was made at ``disk.path``. Raises ``DiskFull``."""
    value = {"key": key, "state": _state(disk.path.stat()), "disk": asdict(disk)}
    text = json.dumps(value, sort_keys=True, default=_plain)
    write_atomically(_place(folder, disk.path), text.encode() + b"\n")


def _place(folder: Path, path: Path) -> Path:
    return folder / f"{bytes_digest(str(path.absolute()).encode('utf-8', 'surrogateescape'))}.json"


def _state(found: os.stat_result) -> list[int]:
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return str(value)


def _disk(value: dict[str, Any]) -> Disk:
    layout = value["layout"]
    partitions = tuple(
        Partition(**{**one, "role": Role(one["role"])}) for one in layout["partitions"]
    )
    return Disk(
        **{
            **value,
            "release": Release(**value["release"]),
            "path": Path(value["path"]),
            "form": Form(value["form"]),
            "layout": Layout(**{**layout, "partitions": partitions}),
            "kargs": tuple(value["kargs"]),
        }
    )

"""Find who says what this machine is to be: systemd credentials, or a disk labelled cidata."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.core.errors import ArkesError
from arkes_build.host.firstboot.cloudconfig import MOST
from arkes_build.host.firstboot.model import Password, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.host.machine import Host

_LABELS = ("cidata", "CIDATA")
_SECONDS = 60.0


def find(host: Host) -> Source | None:
    """Return the first source there is: credentials, then a disk; None without any."""
    return _credentials() or _disk(host)


def _credentials() -> Source | None:
    """Return what came as credentials (systemd.system-credentials(7)) to our unit."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    place = Path(folder)
    hashed = read(place / "passwd.hashed-password.root").strip()
    plain = read(place / "passwd.plaintext-password.root").strip("\n")
    password = Password(text=hashed or plain, is_hash=bool(hashed)) if hashed or plain else None
    found = Source(
        name="credentials",
        user_data=read(place / "arkes.user-data"),
        meta_data=read(place / "arkes.meta-data"),
        root_password=password,
        root_keys=read(place / "ssh.authorized_keys.root"),
    )
    is_empty = not (found.user_data or found.meta_data or password or found.root_keys)
    return None if is_empty else found


def _disk(host: Host) -> Source | None:
    """Return what a NoCloud disk says: a file system with this label, ISO 9660 or FAT."""
    # A disk that was just plugged in may still be looked at.
    process.run(["udevadm", "settle", "--timeout=20"], timeout=_SECONDS, check=False)
    for label in _LABELS:
        device = host.root / "dev/disk/by-label" / label
        if device.exists():
            with _mounted(device, host.run / "cidata") as folder:
                return Source(
                    name=f"the disk {label}",
                    user_data=read(folder / "user-data"),
                    meta_data=read(folder / "meta-data"),
                )
    return None


@contextmanager
def _mounted(device: Path, place: Path) -> Iterator[Path]:
    place.mkdir(parents=True, exist_ok=True)
    options = "ro,nodev,nosuid,noexec"
    argv = ["mount", "-t", "iso9660,vfat", "-o", options, str(device), str(place)]
    try:
        process.run(argv, timeout=_SECONDS)
    except ArkesError:
        yield place  # nothing is in it: the disk says nothing that can be read
        return
    try:
        yield place
    finally:
        process.run(["umount", str(place)], timeout=_SECONDS, check=False)


def read(path: Path) -> str:
    """Return a text of at most ``MOST`` bytes, empty when it is not there or longer."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST + 1)
    except OSError:
        return ""
    return "" if len(data) > MOST else data.decode("utf-8", "replace")

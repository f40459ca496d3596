"""Find who says what this machine is to be: systemd credentials, or a disk labelled cidata."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core import process
from arkes_build.core.errors import ArkesError
from arkes_build.host.firstboot.cloudconfig import MOST
from arkes_build.host.firstboot.model import Password, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from arkes_build.host.machine import Host

_LABELS = ("cidata", "CIDATA")
_FILES = ("user-data", "meta-data")
_CREDENTIALS = (
    "passwd.hashed-password.root",
    "passwd.plaintext-password.root",
    "ssh.authorized_keys.root",
    "arkes.user-data",
    "arkes.meta-data",
)
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
    remarks: list[str] = []
    texts = {one: read(place / one, remarks.append) for one in _CREDENTIALS}
    hashed = texts["passwd.hashed-password.root"].strip()
    plain = texts["passwd.plaintext-password.root"].strip("\n")
    password = Password(text=hashed or plain, is_hash=bool(hashed)) if hashed or plain else None
    if not (remarks or any(text.strip() for text in texts.values())):
        return None
    return Source(
        name="credentials",
        user_data=texts["arkes.user-data"],
        meta_data=texts["arkes.meta-data"],
        root_password=password,
        root_keys=texts["ssh.authorized_keys.root"],
        remarks=tuple(remarks),
    )


def _disk(host: Host) -> Source | None:
    """Return what a NoCloud disk says: a file system with this label, ISO 9660 or FAT."""
    # A disk that was just plugged in may still be looked at.
    process.run(["udevadm", "settle", "--timeout=20"], timeout=_SECONDS, check=False)
    for label in _LABELS:
        device = host.root / "dev/disk/by-label" / label
        if device.exists():
            return _read_disk(device, host.run / "cidata", f"the disk {label}")
    return None


def _read_disk(device: Path, place: Path, name: str) -> Source:
    remarks: list[str] = []
    try:
        with _mounted(device, place) as folder:
            texts = {one: read(folder / one, remarks.append) for one in _FILES}
    except ArkesError as error:
        return Source(name=name, remarks=(f"it cannot be read: {error.brief}",))
    if not (any(texts.values()) or remarks):
        remarks.append("it has no user-data")
    return Source(
        name=name,
        user_data=texts["user-data"],
        meta_data=texts["meta-data"],
        remarks=tuple(remarks),
    )


@contextmanager
def _mounted(device: Path, place: Path) -> Iterator[Path]:
    place.mkdir(parents=True, exist_ok=True)
    options = "ro,nodev,nosuid,noexec"
    argv = ["mount", "-t", "iso9660,vfat", "-o", options, str(device), str(place)]
    process.run(argv, timeout=_SECONDS)
    try:
        yield place
    finally:
        process.run(["umount", str(place)], timeout=_SECONDS, check=False)


def read(path: Path, remark: Callable[[str], None]) -> str:
    """Return a text of at most ``MOST`` bytes; empty, with a remark, when it is none.

    A disk that somebody plugs in may have links in it, and files that keep their reader
    waiting: only a plain file is read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = _whole(descriptor) if is_file else b""
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return ""
    except OSError as error:
        remark(f"{path.name}: it cannot be read: {error.strerror}")
        return ""
    if not is_file:
        remark(f"{path.name}: it is no file")
    if len(data) > MOST:
        remark(f"{path.name}: it is longer than {MOST >> 10} KiB")
        return ""
    return data.decode("utf-8", "replace")


def _whole(descriptor: int) -> bytes:
    """Return what a file has, or one byte more than is taken."""
    with os.fdopen(descriptor, "rb", closefd=False) as stream:
        return stream.read(MOST + 1)

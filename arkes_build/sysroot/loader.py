"""Keep systemd-boot on the ESP: where the firmware looks for it, and its settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import DiskFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAMS = "usr/lib/systemd/boot/efi"
_VERSION = re.compile(rb"#### LoaderInfo: systemd-boot ([^\x00#]{1,64}) ####")
_NUMBER = re.compile(rb"\d+")
SETTINGS = {
    # Without the editor nobody at the console gets a root shell by an argument.
    "loader/loader.conf": b"timeout 3\neditor no\nconsole-mode keep\n",
    "loader/entries.srel": b"type1\n",
    # Firmware that cannot load a kernel leaves its boot loader; where its own shell comes next,
    # that would wait for somebody to type. The entry has lost a try, so start again.
    "startup.nsh": b"reset\r\n",
}


def bring_loader(tree: Path, esp: Path) -> Iterator[str]:
    """Write what is missing or older than what a tree has; give the paths on the ESP.

    ``loader.conf`` is only written when there is none: it may be the owner's. Raises
    ``DiskFull`` for what is missing; without room for a newer program the old one goes on.
    """
    for program in sorted((tree / PROGRAMS).glob("systemd-boot*.efi")):
        arch = program.stem.removeprefix("systemd-boot")
        data = program.read_bytes()
        # The one that the firmware falls back to comes last: until then the old one starts.
        for name in (f"EFI/systemd/{program.name}", f"EFI/BOOT/BOOT{arch.upper()}.EFI"):
            place = esp / name
            is_there = place.is_file()
            if is_there and not _is_newer(data, place.read_bytes()):
                continue
            try:
                write_atomically(place, data)
            except DiskFull:
                if not is_there:
                    raise
            else:
                yield name
    for name, data in SETTINGS.items():
        if not (esp / name).exists():
            write_atomically(esp / name, data)
            yield name


def _is_newer(new: bytes, old: bytes) -> bool:
    """Tell whether a program is newer than another, or the other no whole systemd-boot."""
    found = _VERSION.search(old)
    offered = _VERSION.search(new)
    if found is None or offered is None:
        return new != old
    return _numbers(offered[1]) > _numbers(found[1])


def _numbers(version: bytes) -> list[int]:
    return [int(number) for number in _NUMBER.findall(version)]

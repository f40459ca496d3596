"""Read the boot menu of an EFI system partition, and take a deployment's counter off."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.atomic import remove_durably, write_atomically
from arkes_build.sysroot.entries import (
    ENTRIES,
    Entry,
    EntryName,
    key_of,
    parse_entry,
    parse_name,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from arkes_build.sysroot.model import Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An entry on the ESP; ``entry`` is None when its file is not whole."""

    name: EntryName
    entry: Entry | None


def read_entries(esp: Path) -> tuple[Held, ...]:
    """Return our entries on the ESP, by name."""
    folder = esp / ENTRIES
    if not folder.is_dir():
        return ()
    found = []
    for path in sorted(folder.iterdir()):
        name = parse_name(path.name)
        if name is not None and path.is_file():
            # Whoever only looks holds no lock: a blessing may take it away just now.
            with suppress(FileNotFoundError):
                found.append(Held(name=name, entry=parse_entry(path.read_bytes())))
    return tuple(found)


def counters(esp: Path) -> dict[tuple[str, int], Counter | None]:
    """Return the counter of each deployment with an entry, by its key; None for a blessed one."""
    known: dict[tuple[str, int], Counter | None] = {}
    for held in read_entries(esp):
        # After a cut in the middle of a blessing there are both: it is blessed.
        if held.name.key not in known or held.name.counter is None:
            known[held.name.key] = held.name.counter
    return known


def bless(esp: Path, checksum: str, serial: int) -> bool:
    """Take the counter off a deployment's entry: it came up. Tell whether there was one.

    The entry is written under its lasting name before the counted one goes.
    """
    counted = [
        held
        for held in read_entries(esp)
        if held.name.key == key_of(checksum, serial) and held.name.counter is not None
    ]
    for held in counted:
        old = esp / ENTRIES / held.name.file
        new = EntryName(checksum=held.name.checksum, serial=serial)
        if held.entry is not None:
            write_atomically(esp / ENTRIES / new.file, old.read_bytes())
        remove_durably(old)
    return bool(counted)


def remove_entries(esp: Path, wanted: Collection[tuple[str, int]]) -> list[str]:
    """Remove the entries of all but the wanted deployments (keys); return their paths."""
    gone = [held.name.file for held in read_entries(esp) if held.name.key not in wanted]
    for file in gone:
        remove_durably(esp / ENTRIES / file)
    return [f"{ENTRIES}/{file}" for file in gone]

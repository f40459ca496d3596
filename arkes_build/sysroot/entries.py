"""Write and read boot entries: which deployment is tried, how often yet, and in which order.

An entry is a file of the Boot Loader Specification, type 1 (UAPI.1). Its name carries what
changes from boot to boot (UAPI.3, "automatic boot assessment"); systemd-boot itself renames it:

    arkes-CHECKSUM12-SERIAL.conf       came up once: blessed
    arkes-CHECKSUM12-SERIAL+3.conf     new: three tries left
    arkes-CHECKSUM12-SERIAL+1-2.conf   two tries done, one left

systemd-boot takes the first of the menu: by sort-key, all the same here, then by version,
the highest first; those without a try left come last. So ``version`` is the entry's rank, and
one file written with a rank above the others makes its deployment the default, in one step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from arkes_build.sysroot.model import Counter

ENTRIES = "loader/entries"
_NAME = re.compile(r"arkes-([0-9a-f]{12})-([0-9]{1,9})(?:\+([0-9]{1,4})(?:-([0-9]{1,4}))?)?\.conf")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_RANK = re.compile(r"[0-9]{1,18}")
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryName:
    """Whose entry a file is, and its counter; None when it is blessed."""

    checksum: str
    serial: int
    counter: Counter | None = None

    @property
    def file(self) -> str:
        """Return the name of the file."""
        counted = ""
        if self.counter is not None:
            done = f"-{self.counter.done}" if self.counter.done else ""
            counted = f"+{self.counter.left}{done}"
        return f"arkes-{self.checksum}-{self.serial}{counted}.conf"

    @property
    def key(self) -> tuple[str, int]:
        """Return what it has in common with other entries of the same deployment."""
        return self.checksum, self.serial


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an entry says. ``linux`` and ``initrd`` are paths on the ESP, ``rank`` its order."""

    title: str
    rank: int
    linux: str
    initrd: str
    options: str


def key_of(checksum: str, serial: int) -> tuple[str, int]:
    """Return the key of a deployment's entries (see ``EntryName.key``)."""
    return checksum[:_DIGITS], serial


def parse_name(file: str) -> EntryName | None:
    """Read the name of a file of ``loader/entries``; None when it is not one of ours."""
    found = _NAME.fullmatch(file)
    if found is None:
        return None
    checksum, serial, left, done = found.groups()
    counter = None if left is None else Counter(left=int(left), done=int(done or 0))
    return EntryName(checksum=checksum, serial=int(serial), counter=counter)


def entry_text(entry: Entry) -> bytes:
    """Return the file of an entry."""
    lines = (
        "# Written by arkes whenever deployments change.",
        f"title {_one_line(entry.title)}",
        "sort-key arkes",
        f"version {entry.rank}",
        f"linux /{entry.linux}",
        f"initrd /{entry.initrd}",
        f"options {_one_line(entry.options)}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def parse_entry(data: bytes) -> Entry | None:
    """Read the file of an entry; None when it is not whole, or not in the form that we write."""
    fields: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        word, _, rest = line.partition(" ")
        fields.setdefault(word, rest.strip())
    rank = fields.get("version", "")
    if not (data.endswith(b"\n") and _RANK.fullmatch(rank) and fields.get("options")):
        return None
    return Entry(
        title=fields.get("title", ""),
        rank=int(rank),
        linux=fields.get("linux", "").lstrip("/"),
        initrd=fields.get("initrd", "").lstrip("/"),
        options=fields["options"],
    )


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()

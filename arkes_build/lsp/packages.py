"""Know the packages that this machine's package managers know: their names, to be completed.

What apt and pacman downloaded last is read in the background, once for each state of their
lists, and kept as sorted lines in the user's cache folder, so that later starts read one
file. Nothing is fetched.
"""

from __future__ import annotations

import logging
import tarfile
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core import kept, process
from arkes_build.core.digest import digest
from arkes_build.core.errors import ArkesError
from arkes_build.core.names import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

APT_LISTS = Path("/var/lib/apt/lists")
"""Where apt keeps ``…_Packages``, compressed or not (apt.conf(5), ``Dir::State::Lists``)."""

APT_HELPER = "/usr/lib/apt/apt-helper"
"""Reads a list in whatever way it is compressed."""

PACMAN_SYNC = Path("/var/lib/pacman/sync")
"""Where pacman keeps its repositories' databases, tar archives (pacman(8))."""

LONGEST_DESC = 64 * 1024
"""Bytes of a package's entry that are read."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Package:
    """One package as an index knows it."""

    name: str
    version: str
    about: str


class Packages:
    """The packages of one family, sorted by name."""

    def __init__(self, lines: str) -> None:
        self._lines = lines.split("\n") if lines else []

    def __len__(self) -> int:
        return len(self._lines)

    def find(self, name: str) -> Package | None:
        """Return a package by its name."""
        found = next(self._from(f"{name}\t"), None)
        return found if found and found.name == name else None

    def beginning(self, prefix: str, most: int) -> list[Package]:
        """Return the first ``most`` packages whose names begin so."""
        found: list[Package] = []
        for package in self._from(prefix):
            if len(found) == most or not package.name.startswith(prefix):
                break
            found.append(package)
        return found

    def _from(self, text: str) -> Iterator[Package]:
        for number in range(bisect_left(self._lines, text), len(self._lines)):
            name, _, rest = self._lines[number].partition("\t")
            version, _, about = rest.partition("\t")
            yield Package(name, version, about)


def load(family: Family) -> Packages | None:
    """Return the packages of a family, None where this machine has no lists of it.

    Takes seconds when the lists are new, and milliseconds else.
    """
    lists = _lists(family)
    if not lists:
        return None
    folder = kept.folder()
    path = folder / f"packages-{family.value}.txt" if folder else None
    key = digest([[str(p), p.stat().st_mtime_ns, p.stat().st_size] for p in lists])
    known = (kept.read(path) if path else None) or b""
    head, _, body = known.partition(b"\n")
    if head.decode("ascii", "replace") == key:
        return Packages(body.decode("utf-8", "replace"))
    read = _apt if family is Family.DEBIAN else _pacman
    lines = "\n".join(_sorted(package for path in lists for package in read(path)))
    if path:
        kept.write(path, f"{key}\n{lines}".encode("utf-8", "replace"))
    return Packages(lines)


def _lists(family: Family) -> list[Path]:
    folder, pattern = (
        (APT_LISTS, "*_Packages*") if family is Family.DEBIAN else (PACMAN_SYNC, "*.db")
    )
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except OSError:
        return []


def _sorted(packages: Iterable[Package]) -> list[str]:
    """Return one line for each name; the entry that was read last counts."""
    by_name = {package.name: package for package in packages if package.name}
    clean = str.maketrans("\t\n\r", "   ")
    return sorted(
        f"{p.name.translate(clean)}\t{p.version.translate(clean)}\t{p.about.translate(clean)}"
        for p in by_name.values()
    )


def _apt(path: Path) -> Iterator[Package]:
    """Yield the packages of a list of stanzas (deb822(5))."""
    try:
        text = process.run([APT_HELPER, "cat-file", str(path)]).output
    except ArkesError as error:
        log.warning("cannot read %s: %s", path, error)
        return
    for stanza in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line[:40])
        yield Package(
            fields.get("Package", ""), fields.get("Version", ""), fields.get("Description", "")
        )


def _pacman(path: Path) -> Iterator[Package]:
    """Yield the packages of a database: a folder with a ``desc`` for each."""
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.name.endswith("/desc") else None
                if stream is not None:
                    yield _desc(stream.read(LONGEST_DESC).decode("utf-8", "replace"))
    except (OSError, tarfile.TarError, EOFError) as error:
        log.warning("cannot read %s: %s", path, error)


def _desc(text: str) -> Package:
    """Read ``%NAME%``, a line end, the value, an empty line (alpm-repo-desc(5))."""
    parts = (part.strip().split("\n", 1) for part in text.split("\n\n"))
    fields = {part[0]: part[1] for part in parts if len(part) > 1}
    return Package(fields.get("%NAME%", ""), fields.get("%VERSION%", ""), fields.get("%DESC%", ""))

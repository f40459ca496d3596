"""Know what a bill of materials says of a release, whatever the format.

Everything comes from the commit: its metadata, and the package database in its tree. The
same commit gives the same bytes, so names that have to be unique are made of its checksum.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arkes_build.history.inventory import inventory
from arkes_build.history.view import View

if TYPE_CHECKING:
    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.inventory import Package

TOOL = "arkes-build"
_SPACE = uuid.UUID("b9f7a1f0-6b0e-5a43-9a56-0c1f6ce0a5d1")
"""Of our own, so that nobody else makes the same names."""
_LAST = 253_402_300_799
"""The last second of the year 9999, the last that both formats can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What both formats say: the system and its packages, by name and architecture."""

    about: CommitInfo
    system: str
    """What os-release calls the system."""
    homepage: str
    packages: tuple[Package, ...]
    distribution: str
    """``debian-13`` or ``arch``: where the packages are from, as package URLs say it."""

    @property
    def time(self) -> datetime:
        """Return the commit's time."""
        return datetime.fromtimestamp(min(max(self.about.timestamp, 0), _LAST), UTC)

    @property
    def unique(self) -> uuid.UUID:
        """Return a name that only this commit has."""
        return uuid.uuid5(_SPACE, self.about.checksum)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what else the commit says of the system, as far as it does."""
        about = self.about
        told = {
            "arkes:commit": about.checksum,
            "arkes:image": about.image,
            "arkes:kernel": about.kernel,
            "arkes:key": about.key,
            "arkes:node": about.node,
            "arkes:refs": " ".join(about.refs),
        }
        return tuple((name, text) for name, text in told.items() if text)


def bill_of(history: History, about: CommitInfo) -> Bill:
    """Return what is to be said of a commit."""
    view = View(history.trees, about.root)
    release = _os_release(view)
    packages = inventory(view)
    return Bill(
        about=about,
        system=release.get("NAME") or about.node or "system",
        homepage=release.get("HOME_URL", ""),
        packages=packages,
        distribution=_distribution(view, packages),
    )


def purl(package: Package, bill: Bill, *, source: bool = False) -> str:
    """Return a package's URL, or that of its source (purl-spec, types ``deb`` and ``alpm``)."""
    from packageurl import PackageURL

    vendor = bill.distribution.partition("-")[0]
    name, version = package.source if source else (package.name, package.version)
    qualifiers = {"arch": "source" if source else package.arch}
    if package.kind == "deb":
        qualifiers["distro"] = bill.distribution
    given = {key: text for key, text in sorted(qualifiers.items()) if text}
    return PackageURL(package.kind, vendor, name, version, given).to_string()


def is_link(text: str) -> bool:
    """Tell whether a homepage can be given as a link."""
    begins = text.startswith(("http://", "https://"))
    return begins and text.isascii() and not set(text) & set(" <>\"'\\^`{|}")


def _distribution(view: View, packages: tuple[Package, ...]) -> str:
    """Return where most packages are from: a system may have a few of another kind."""
    ours = sum(package.kind == "deb" for package in packages)
    if ours * 2 < len(packages):
        return "arch"
    for folder in ("usr/etc", "etc"):
        version = view.text(f"{folder}/debian_version").strip()
        if version:
            # 13.2 is of 13; trixie/sid is told by its first name
            return f"debian-{version.replace('/', '.').partition('.')[0]}"
    return "debian"


def _os_release(view: View) -> dict[str, str]:
    text = view.text("usr/lib/os-release") or view.text("etc/os-release")
    pairs = (line.partition("=") for line in text.splitlines())
    found = {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
    return {name: value for name, value in found.items() if value.isprintable()}

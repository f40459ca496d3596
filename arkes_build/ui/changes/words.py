"""Put changes into words, the same for text and page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.history.model import Kind
from arkes_build.ui.text import counted, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.history.model import Changes, Download, NameChange, PackageChange, Side

MARKS: dict[Kind, str] = {
    Kind.ADDED: "+",
    Kind.REMOVED: "-",
    Kind.CHANGED: "~",
    Kind.UPGRADED: "↑",
    Kind.DOWNGRADED: "↓",
}
_ORDER = (Kind.UPGRADED, Kind.DOWNGRADED, Kind.CHANGED, Kind.ADDED, Kind.REMOVED)
PACKAGE_WORDS: dict[Kind, str] = {
    Kind.UPGRADED: "up",
    Kind.DOWNGRADED: "down",
    Kind.CHANGED: "of another version",
    Kind.ADDED: "new",
    Kind.REMOVED: "gone",
}
WORDS: dict[Kind, str] = {Kind.ADDED: "new", Kind.REMOVED: "gone", Kind.CHANGED: "changed"}
NOBODY = "(no package)"
UNKNOWN = "(not known)"
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Named:
    """All that changed about one name."""

    name: str
    kind: Kind
    told: tuple[str, ...]


def side(one: Side) -> str:
    """Return which tree it is: node or name, version, the beginning of its commit."""
    name = one.name if one.node in one.name else f"{one.name} ({one.node})"
    parts = [name, one.version]
    if one.commit and not one.name.startswith(one.commit[:_SHORT]):
        parts.append(one.commit[:_SHORT])
    return safe(" ".join(filter(None, parts)))


def kinds(found: Iterable[Kind], words: dict[Kind, str]) -> str:
    """Count kinds: ``12 up, 1 new``."""
    counts = Counter(found)
    return ", ".join(f"{counts[kind]:,} {words[kind]}" for kind in _ORDER if counts[kind])


def summary(changes: Changes) -> str:
    """Return what changed in one line; an empty text when nothing did."""
    parts = []
    if changes.packages:
        parts.append(packages(changes.packages))
    if changes.kernel:
        old, new = (safe(one) or "none" for one in changes.kernel)
        parts.append(f"kernel {old} → {new}")
    if changes.etc:
        parts.append(f"{counted(len(changes.etc), 'default')} of /etc")
    for found, noun in (
        (changes.units, "unit"),
        (changes.users, "account"),
        (changes.kernel_arguments, "kernel argument"),
    ):
        if found:
            parts.append(counted(len({one.name for one in found}), noun))
    if not parts and changes.files:
        parts.append(counted(len(changes.files), "file"))
    return "; ".join([*parts, to_download(changes.download)]) if parts else ""


def packages(found: Sequence[PackageChange]) -> str:
    """Count packages: ``12 packages up, 1 new``."""
    first, *rest = kinds((one.kind for one in found), PACKAGE_WORDS).split(", ")
    number, _, word = first.partition(" ")
    noun = "package" if number == "1" else "packages"
    return ", ".join([f"{number} {noun} {word}", *rest])


def to_download(download: Download) -> str:
    """Say how much the smallest known way takes: ``4.2 MiB to download``."""
    if download.delta_bytes is not None:
        return f"{size(download.delta_bytes)} to download"
    if download.object_bytes is None:
        return f"{size(download.content_bytes)} on disk"
    about = "about " if download.is_estimate else ""
    return f"{about}{size(download.object_bytes)} to download"


def versions(change: PackageChange) -> str:
    """Return ``1.0 → 1.1``, or the only version there is."""
    return " → ".join(safe(one) for one in (change.before, change.after) if one)


def grouped(found: Iterable[NameChange]) -> list[Named]:
    """Bring together what changed about one unit or account, in the order of the names."""
    groups: dict[str, list[NameChange]] = {}
    for one in found:
        groups.setdefault(one.name, []).append(one)
    return [
        Named(safe(name), _kind(changes), tuple(_told(one) for one in changes))
        for name, changes in groups.items()
    ]


def _kind(found: Sequence[NameChange]) -> Kind:
    """Return that of the thing itself; what is only said about it makes it changed."""
    own = [one.kind for one in found if not _is_about(one.detail)]
    return own[0] if len(set(own)) == 1 else Kind.CHANGED


_ABOUT = ("enabled ", "wanted ", "masked", "preset ", "drop-in ")


def _is_about(detail: str) -> bool:
    return detail.removeprefix("user, ").startswith(_ABOUT)


def _told(change: NameChange) -> str:
    detail = safe(change.detail)
    words = detail.removeprefix("user, ")
    if words.startswith(("enabled ", "wanted ", "masked", "preset ")):
        return f"no longer {detail}" if change.kind is Kind.REMOVED else detail
    if words.startswith("alias "):
        return f"{detail} gone" if change.kind is Kind.REMOVED else detail
    return f"{detail} {WORDS[change.kind]}" if words.startswith("drop-in ") else detail


def sizes(download: Download) -> list[tuple[str, str]]:
    """Return each way to fetch the second tree, and what it takes."""
    ways = [("objects", _objects(download))]
    delta = download.delta_bytes
    ways.append(("delta", "none was made" if delta is None else size(delta)))
    ways.append(("image layers", _layers(download)))
    return ways


def _objects(download: Download) -> str:
    disk = f"{size(download.content_bytes)} on disk"
    if download.object_bytes is None:
        return f"{counted(download.objects, 'object')}, {disk}"
    about = "about " if download.is_estimate else ""
    packed = f"{about}{size(download.object_bytes)}"
    return f"{packed} in {download.objects:,} objects ({disk})"


def _layers(download: Download) -> str:
    if download.layers is None or download.layer_bytes is None:
        return "not known: not all of the layers are kept"
    count = counted(download.layers, "layer")
    if download.layer_packed_bytes is None:
        return f"{size(download.layer_bytes)} of files in {count}, before compression"
    packed = size(download.layer_packed_bytes)
    return f"{packed} in {count} ({size(download.layer_bytes)} of files)"

"""Tell which units changed: their files, and whether they are enabled, masked or preset.

Where all of it stands: systemd.unit(5), "Unit file load path", and systemd.preset(5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.history.etc import kind_of
from arkes_build.history.model import Kind, NameChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.trees import Change
    from arkes_build.history.view import View

_KINDS = frozenset(
    {
        *("automount", "device", "mount", "path", "scope", "service", "slice", "socket"),
        *("swap", "target", "timer"),
    }
)
_FOLDERS = ("/usr/lib/systemd/", "/usr/etc/systemd/", "/etc/systemd/")
_OWN = ("/usr/etc/systemd/", "/etc/systemd/")
"""Where links are made by those who enable and mask; elsewhere packages bring them."""
_MANAGERS = ("system", "user")
_NULL = "/dev/null"
_PRESETS = ("usr/etc/systemd", "etc/systemd", "usr/lib/systemd")


@dataclass(frozen=True, slots=True)
class _Place:
    """A path below a manager's folder: ``own`` is whether it is in /etc."""

    manager: str
    own: bool
    parts: tuple[str, ...]


def unit_changes(changed: Iterable[Change], old: View, new: View) -> tuple[NameChange, ...]:
    """Return what changed about units, by name.

    A unit's file is told as added, removed or changed; whether it is enabled, masked or
    preset in the detail, and there a change is one from not to yes (added), or back.
    Units of the user manager say so.
    """
    found: set[tuple[str, Kind, str]] = set()
    has_presets: set[str] = set()
    for change in changed:
        place = _place(change.path)
        if place is None:
            continue
        if place.parts[0] == "-preset":
            has_presets.add(place.manager)
        elif not _is_folder(change):
            found.update(_told(change, place, old, new))
    for manager in sorted(has_presets):
        found.update(_preset_changes(manager, old, new))
    return tuple(
        NameChange(name=name, kind=kind, detail=detail)
        for name, kind, detail in sorted(found, key=lambda one: (one[0], one[2], one[1].value))
    )


def _place(path: str) -> _Place | None:
    if not path.startswith(_FOLDERS):
        return None
    folder = next(one for one in _FOLDERS if path.startswith(one))
    top, *parts = path[len(folder) :].split("/")
    own = folder in _OWN
    if parts and top in _MANAGERS:
        return _Place(top, own, tuple(parts))
    manager, dash, what = top.rpartition("-")
    if parts and dash and what == "preset" and manager in _MANAGERS:
        return _Place(manager, own, ("-preset", *parts))
    return None


def _is_folder(change: Change) -> bool:
    return all(one is None or one.is_folder for one in (change.before, change.after))


def _told(change: Change, place: _Place, old: View, new: View) -> Iterator[tuple[str, Kind, str]]:
    user = "user, " if place.manager == "user" else ""
    kind = kind_of(change)
    match place.parts:
        case (name,) if is_unit(name):
            yield from _file(change, name, place, (old, new), user)
        case (folder, name) if folder.endswith((".wants", ".requires")) and is_unit(name):
            by = folder.rpartition(".")[0]
            word = "enabled" if place.own else "wanted"
            if kind is not Kind.CHANGED:
                yield name, kind, f"{user}{word} by {by}"
        case (folder, name) if folder.endswith(".d") and name.endswith(".conf"):
            if is_unit(folder.removesuffix(".d")):
                yield folder.removesuffix(".d"), kind, f"{user}drop-in {name}"
        case _:
            pass


def _file(
    change: Change, name: str, place: _Place, views: tuple[View, View], user: str
) -> Iterator[tuple[str, Kind, str]]:
    """Tell a unit's file, an alias (a link), or that it is masked (a link to nothing)."""
    targets = tuple(
        view.files.about(entry).target if entry and not entry.is_folder else None
        for view, entry in zip(views, (change.before, change.after), strict=True)
    )
    masked = tuple(target == _NULL for target in targets)
    if masked[0] != masked[1]:
        yield name, Kind.ADDED if masked[1] else Kind.REMOVED, f"{user}masked"
    rest = [
        None if is_null else entry
        for is_null, entry in zip(masked, (change.before, change.after), strict=True)
    ]
    if rest == [None, None]:
        return
    kind = Kind.ADDED if rest[0] is None else Kind.REMOVED if rest[1] is None else Kind.CHANGED
    target = targets[1] if rest[1] is not None else targets[0]
    if target is not None:
        yield name, kind, f"{user}alias of {target.rpartition('/')[2]}"
    else:
        where = "in /etc" if place.own else ""
        yield name, kind, f"{user}{where}".removesuffix(", ")


def is_unit(name: str) -> bool:
    """Tell whether a file's name is that of a unit."""
    return name.rpartition(".")[2] in _KINDS


def _preset_changes(manager: str, old: View, new: View) -> Iterator[tuple[str, Kind, str]]:
    user = "user, " if manager == "user" else ""
    before, after = presets(manager, old), presets(manager, new)
    for name in {*before, *after}:
        one, other = before.get(name), after.get(name)
        if one is None:
            yield name, Kind.ADDED, f"{user}preset {other}"
        elif other is None:
            yield name, Kind.REMOVED, f"{user}preset {one}"
        elif one != other:
            yield name, Kind.CHANGED, f"{user}preset {one} → {other}"


def presets(manager: str, view: View) -> dict[str, str]:
    """Return unit or pattern → what the presets do with it; the first that names it wins.

    Files are read by name, and one in ``/etc`` stands for that of ``/usr/lib`` of the name.
    """
    files: dict[str, str] = {}
    for folder in _PRESETS:
        path = f"{folder}/{manager}-preset"
        for name in view.names(path):
            if name.endswith(".preset"):
                files.setdefault(name, f"{path}/{name}")
    found: dict[str, str] = {}
    for name in sorted(files):
        for line in view.text(files[name]).splitlines():
            words = line.split()
            if len(words) > 1 and words[0] in {"enable", "disable", "ignore"}:
                found.setdefault(words[1], words[0])
    return found

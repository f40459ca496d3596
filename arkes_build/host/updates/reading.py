"""Read a tree that is in part in an antechamber, and in part in the machine's repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.etc import kind_of
from arkes_build.history.model import Kind, NameChange
from arkes_build.history.trees import Entry, Root, Trees
from arkes_build.host.etc.joining import NewDefault
from arkes_build.host.etc.things import Sort, thing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.history.view import View

ETC = "usr/etc"


class TreesAcross(Trees):
    """Read objects from the first of several repositories that has them."""

    def __init__(self, first: Path, *others: Path) -> None:
        super().__init__(first)
        places = (str(folder / "objects") for folder in (*others, first))
        self._places = tuple(places)


def etc_root(view: View) -> Root | None:
    """Return the root of a tree's defaults of /etc, None when it has none."""
    usr = view.folder("usr")
    found = usr.folders.get("etc") if usr else None
    return Root(*found) if found else None


def changed_defaults(trees: Trees, before: View, after: View) -> tuple[NameChange, ...]:
    """Return which defaults differ, by path; folders that came or went by what is in them."""
    return tuple(sorted(_changed(trees, before, after), key=lambda one: one.name))


def _changed(trees: Trees, before: View, after: View) -> Iterator[NameChange]:
    for change in trees.changes(etc_root(before), etc_root(after)):
        standing = change.after or change.before
        both = change.before is not None and change.after is not None
        if change.path == "/" or standing is None or (standing.is_folder and not both):
            continue
        yield NameChange(name=change.path.lstrip("/"), kind=kind_of(change))


def new_default(view: View, path: str, local: Path) -> NewDefault:
    """Return what a tree has as the default of a path below /etc, compared with what is there."""
    entry = _entry(view, f"{ETC}/{path}")
    if entry is None:
        return NewDefault(sort=None)
    about, mine = view.files.about(entry), thing(local / path)
    sort = Sort.FOLDER if entry.is_folder else Sort.FILE if about.target is None else Sort.LINK
    if mine is None or mine.sort is not sort:
        return NewDefault(sort=sort)
    alike = (about.mode, about.uid, about.gid) == (mine.mode, mine.uid, mine.gid)
    if sort is Sort.LINK:
        return NewDefault(sort=sort, is_mine=about.target == mine.target)
    if sort is Sort.FILE and alike:
        alike = about.size == mine.size and _says(local / path, view.files.read(entry.checksum))
    return NewDefault(sort=sort, is_mine=alike)


def _says(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _entry(view: View, path: str) -> Entry | None:
    above, _, name = path.rpartition("/")
    folder = view.folder(above)
    if folder is None:
        return None
    if name in folder.files:
        return Entry(folder.files[name])
    found = folder.folders.get(name)
    return Entry(found[1], is_folder=True) if found else None


def as_mapping(defaults: tuple[NameChange, ...]) -> Mapping[str, Kind]:
    """Return changed defaults by path."""
    return {one.name: one.kind for one in defaults}

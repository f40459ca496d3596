"""Tell which defaults of ``/etc`` changed, and what about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.model import Kind, PathChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.trees import Change, Entry
    from arkes_build.history.view import About, Files

FOLDERS = ("/usr/etc/", "/etc/")
"""Where a deployable tree has the defaults, and where one has them that is not deployable."""


def etc_changes(changed: Iterable[Change], files: Files) -> tuple[PathChange, ...]:
    """Return the changed defaults with their path in ``/etc``, by path.

    A directory is told when it was there and is another now; those that came or went are
    told by what is in them. ``detail`` says what changed besides the content.
    """
    return tuple(sorted(_found(changed, files), key=lambda one: one.path))


def path_in_etc(path: str) -> str:
    """Return the path that a file below ``/usr/etc`` has on the running system."""
    return path.removeprefix("/usr") if path.startswith("/usr/etc/") else path


def _found(changed: Iterable[Change], files: Files) -> Iterator[PathChange]:
    for change in changed:
        if not change.path.startswith(FOLDERS):
            continue
        standing = change.after or change.before
        if standing is None or (
            standing.is_folder and (change.before is None or change.after is None)
        ):
            continue
        detail = ""
        if change.before and change.after:
            detail = what_differs(change.before, change.after, files)
        yield PathChange(
            path=path_in_etc(change.path),
            kind=kind_of(change),
            size=0 if standing.is_folder else files.about(standing).size,
            detail=detail,
            is_folder=standing.is_folder,
        )


def kind_of(change: Change) -> Kind:
    """Return whether a path came, went or is another."""
    if change.before is None:
        return Kind.ADDED
    return Kind.REMOVED if change.after is None else Kind.CHANGED


def what_differs(before: Entry, after: Entry, files: Files) -> str:
    """Say in words what is another about a path: content, mode, owner, where a link leads."""
    old, new = files.about(before), files.about(after)
    kinds = _kind(before, old), _kind(after, new)
    if kinds[0] != kinds[1]:
        return f"{kinds[0]} → {kinds[1]}"
    if old.target != new.target:
        return f"link {old.target} → {new.target}"
    parts = []
    if old.mode != new.mode:
        parts.append(f"mode {old.mode:04o} → {new.mode:04o}")
    if (old.uid, old.gid) != (new.uid, new.gid):
        parts.append(f"owner {old.uid}:{old.gid} → {new.uid}:{new.gid}")
    if kinds[0] == "file" and not _same_content(before, after, (old, new), files):
        parts.insert(0, "content")
    return ", ".join(parts) or "attributes"


def _kind(entry: Entry, found: About) -> str:
    if entry.is_folder:
        return "folder"
    return "file" if found.target is None else "link"


def _same_content(before: Entry, after: Entry, found: tuple[About, About], files: Files) -> bool:
    if found[0].size != found[1].size:
        return False
    return files.read(before.checksum) == files.read(after.checksum)

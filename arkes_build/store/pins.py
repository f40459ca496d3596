"""Keep releases that somebody wants to stay, whatever retention says.

A pin is a ref, ``arkes-pins/COMMIT``, so that every tool of OSTree sees the commit as
named. Why it is pinned stands beside the repository's own files, in its ``extensions``
folder, which libostree leaves to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.store import refs
from arkes_build.store.binding import binding, told
from arkes_build.store.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

NOTE_LENGTH = 500
"""Characters of a note."""
_NOTES = f"extensions/{refs.PINS}"


def pins(repository: Path) -> dict[str, str]:
    """Return commit → note of all pinned commits that are there, sorted; read from files only."""
    folder = repository / "refs" / "heads" / refs.PINS
    names = sorted(path.name for path in folder.glob("*") if refs.CHECKSUM.fullmatch(path.name))
    found = refs.commits(repository, (_ref(name) for name in names))
    return {commit: _note(repository, commit) for commit in found.values()}


def pin(repository: Path, commit: str, note: str = "") -> None:
    """Pin a commit; a pinned one gets the new note. Raises ``StoreError`` for a bad note."""
    if len(note) > NOTE_LENGTH or not note.isprintable():
        raise StoreError(
            "the note cannot be kept",
            details=f"it has {len(note)} characters"
            if note.isprintable()
            else "it is not one line",
            resolution=f"a note is one line of at most {NOTE_LENGTH} characters",
        )
    # The note first: a note without a pin says nothing, and the next pin replaces it.
    write_atomically(_note_path(repository, commit), f"{note}\n".encode())
    _set(repository, commit, commit)


def unpin(repository: Path, commit: str) -> bool:
    """Take a pin away; tell whether there was one."""
    was_there = (repository / "refs" / "heads" / _ref(commit)).exists()
    if was_there:
        _set(repository, commit, None)
    _note_path(repository, commit).unlink(missing_ok=True)
    return was_there


def _set(repository: Path, commit: str, to: str | None) -> None:
    modules = binding()
    with told(repository.parent, doing="writing a pin"):
        repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(repository)))
        repo.open(None)
        repo.set_ref_immediate(None, _ref(commit), to, None)


def _ref(commit: str) -> str:
    return f"{refs.PINS}/{commit}"


def _note(repository: Path, commit: str) -> str:
    try:
        with _note_path(repository, commit).open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(NOTE_LENGTH + 1)
    except OSError:
        return ""
    return text.rstrip("\n")[:NOTE_LENGTH]


def _note_path(repository: Path, commit: str) -> Path:
    return repository / _NOTES / commit

"""Read the files that are to be laid out, and say what would be written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from arkes_build.language.decode import decode
from arkes_build.language.formatter import format_text
from arkes_build.project.loader import FOLDERS, SUFFIXES, read_regular

_PLAIN_NAMES = frozenset({"Containerfile", "Dockerfile", "Systemfile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """A file's bytes as they are and as they would be."""

    shown: str
    """Under which name people know it."""
    before: bytes
    after: bytes

    @property
    def is_changed(self) -> bool:
        """Tell whether there is something to write."""
        return self.before != self.after


def formatted(shown: str, data: bytes) -> Formatted:
    """Return how a file would be written; raises ``SourceError`` for one with errors."""
    text = format_text(decode(shown, data))
    return Formatted(shown=shown, before=data, after=text.encode())


def formatted_file(path: Path, shown: str) -> Formatted:
    """Read a file and return how it would be written.

    Raises ``SourceError``, and ``Unreadable`` for what is no regular file.
    """
    return formatted(shown, read_regular(path, shown))


def own_files(root: Path) -> list[Path]:
    """Return the variants and templates of the project in ``root``, sorted."""
    folders = [root / name for name in FOLDERS.values() if (root / name).is_dir()]
    return sorted(path for folder in folders for path in folder.iterdir() if _is_ours(path.name))


def files_below(folder: Path) -> list[Path]:
    """Return all Containerfiles and Systemfiles below a folder, hidden folders left out."""
    found = []
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(where, name) for name in names if _is_ours(name)]
    return sorted(path for path in found if not path.is_symlink())


def _is_ours(name: str) -> bool:
    return not name.startswith(".") and (name in _PLAIN_NAMES or name.endswith(SUFFIXES))

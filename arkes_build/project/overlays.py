"""List what the folders under ``overlay/`` bring: paths in the image and the files behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.names import is_overlay_name

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "overlay"
"""Where overlays are, below a context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """One overlay: ``files`` are paths in the image (no leading ``/``) of what is no folder."""

    name: str
    folder: Path
    files: frozenset[str]


@dataclass(slots=True)
class Overlays:
    """Look overlays up, each once: beside a Systemfile first, then in the project."""

    roots: tuple[Path, ...]
    """Contexts to look in, in order; the last is the project's root."""
    _found: dict[str, Overlay | None] = field(default_factory=dict)

    def find(self, name: str) -> Overlay | None:
        """Return an overlay, or None when there is none of that name."""
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of all overlays, sorted."""
        found: set[str] = set()
        for root in self.roots:
            folder = root / FOLDER
            if folder.is_dir():
                found |= {each.name for each in folder.iterdir() if each.is_dir()}
        return tuple(sorted(name for name in found if is_overlay_name(name)))

    def _look_up(self, name: str) -> Overlay | None:
        if not is_overlay_name(name):
            return None
        for root in self.roots:
            folder = root / FOLDER / name
            if folder.is_dir():
                return Overlay(name=name, folder=folder, files=frozenset(_files(folder)))
        return None


def _files(folder: Path) -> list[str]:
    import os

    found, beginning = [], len(os.fspath(folder)) + 1
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    found.append(entry.path[beginning:])
    return found

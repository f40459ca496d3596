"""Set damaged objects aside, and let one go only when a good one stands in its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.delivery.soundness.scan import thing_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from arkes_build.delivery.soundness.content import Checker
    from arkes_build.delivery.soundness.damage import Thing

FOLDER = "arkes-damaged"
"""Beside ``objects``: libostree clears ``tmp`` by itself."""


class Aside:
    """The folder of one repository where damaged objects wait."""

    def __init__(self, repository: Path, checker: Checker) -> None:
        self._folder = repository / FOLDER
        self._checker = checker

    def path(self, thing: Thing) -> Path:
        """Return where an object waits, or would."""
        name = os.path.basename(self._checker.path(thing))  # noqa: PTH119 - a text
        return self._folder / thing.checksum[:2] / name

    def take(self, damaged: Iterable[Thing]) -> None:
        """Move objects out of the way: a write of the same object then writes it."""
        for thing in damaged:
            there = self.path(thing)
            there.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._checker.path(thing), there)  # noqa: PTH105 - a text

    def settle(self) -> None:
        """Let those go that have a good one in their place again; the others stay.

        Also those that a killed run took.
        """
        for path in sorted(self._folder.glob("??/*")):
            thing = thing_of(path.parent.name, path.name)
            if thing and self._checker.is_there(thing) and not self._checker.trouble(thing):
                path.unlink()
        self._clear()

    def _clear(self) -> None:
        """Remove folders that are empty; the others keep what waits."""
        for folder in (*sorted(self._folder.glob("??")), self._folder):
            try:
                folder.rmdir()
            except OSError:
                continue

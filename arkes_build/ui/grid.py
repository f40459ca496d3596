"""Lay cells out in columns: as wide as the text wants, as narrow as the screen is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.ui.text import pad, width, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.ui.screen import Screen, Style

GAP = "  "
FOLDED = "    "
TELLING = 28
"""Columns that a telling text needs beside the others; with less it goes below them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: rigid cells, and the lines of a last cell that may be broken."""

    cells: tuple[str, ...]
    telling: tuple[str, ...] = ()
    styles: tuple[Style | None, ...] = ()
    """Style per cell; the missing ones have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: titles of the rigid columns, which of them stand right, and the last title."""

    titles: tuple[str, ...]
    right: frozenset[str] = frozenset()
    telling: str = ""

    def widths(self, rows: Sequence[Row]) -> list[int]:
        """Return how wide each rigid column has to be."""
        return [
            max(width(title), *(width(row.cells[i]) for row in rows), 0)
            for i, title in enumerate(self.titles)
        ]

    def room(self, rows: Sequence[Row], screen: Screen) -> int | None:
        """Return the columns left for the telling cell; None where lines have no end."""
        if screen.width is None:
            return None
        return screen.width - sum(n + len(GAP) for n in self.widths(rows))

    def fits(self, rows: Sequence[Row], screen: Screen) -> bool:
        """Tell whether the telling cells have room beside the others, no word cut."""
        told = [word for row in rows for text in row.telling for word in text.split(" ")]
        room = self.room(rows, screen)
        return room is None or not told or room >= max(TELLING, *map(width, told))

    def draw(self, rows: Sequence[Row], screen: Screen) -> list[str]:
        """Return the lines of the table with a line of titles above."""
        from arkes_build.ui.screen import Style

        widths = self.widths(rows)
        room = self.room(rows, screen)
        folds = not self.fits(rows, screen)
        titles = (*self.titles, "" if folds else self.telling)
        lines = [screen.paint(self._line(titles, widths), Style.CALM)]
        for row in rows:
            lines += (
                self._folded(row, widths, screen) if folds else self._row(row, widths, room, screen)
            )
        return lines

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            pad(cell, columns, right=title in self.right)
            for cell, columns, title in zip(cells, widths, self.titles, strict=False)
        ]
        return GAP.join([*padded, *cells[len(widths) :]]).rstrip()

    def _painted(self, row: Row, widths: Sequence[int], screen: Screen) -> str:
        styles = (*row.styles, *(None,) * (len(row.cells) - len(row.styles)))
        return GAP.join(
            screen.paint(pad(cell, columns, right=title in self.right), style)
            for cell, columns, title, style in zip(
                row.cells, widths, self.titles, styles, strict=True
            )
        )

    def _row(self, row: Row, widths: Sequence[int], room: int | None, screen: Screen) -> list[str]:
        told = [part for text in row.telling for part in _broken(text, room)] or [""]
        indent = " " * sum(n + len(GAP) for n in widths)
        first = self._painted(row, widths, screen) + GAP + told[0]
        return [first.rstrip(), *(indent + part for part in told[1:])]

    def _folded(self, row: Row, widths: Sequence[int], screen: Screen) -> list[str]:
        from arkes_build.ui.screen import Style

        room = (screen.width or 0) - len(FOLDED)
        below = [part for text in row.telling for part in _broken(text, room)]
        painted = [screen.paint(FOLDED + part, Style.CALM) for part in below]
        return [self._painted(row, widths, screen).rstrip(), *painted]


def _broken(text: str, room: int | None) -> list[str]:
    return [text] if room is None else wrap(text, room)

"""Divide a rectangle among sizes, each as near to a square as it can be.

The way is that of Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000): rows are filled
along the shorter side for as long as the worst shape in the row gets better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle and which of the sizes it stands for."""

    index: int
    x: float
    y: float
    width: float
    height: float


def tiles(sizes: Sequence[int], width: float, height: float) -> list[Tile]:
    """Return a rectangle for each size above 0; ``sizes`` fall from the largest."""
    whole = [size for size in sizes if size > 0]
    total = sum(whole)
    if not total:
        return []
    scale = width * height / total
    areas = [size * scale for size in whole]
    made: list[Tile] = []
    x = y = 0.0
    at = 0
    while at < len(areas):
        side = min(width, height)
        end = _row_end(areas, at, side)
        is_column = width >= height
        room = width if is_column else height
        # Sizes may differ by twelve digits: what rounding leaves must not stick out.
        thick = min(room, sum(areas[at:end]) / side) if side else 0.0
        along = y if is_column else x
        edge = along + side
        for index in range(at, end):
            length = min(edge - along, areas[index] / thick) if thick else 0.0
            made.append(
                Tile(index, x, along, thick, length)
                if is_column
                else Tile(index, along, y, length, thick)
            )
            along += length
        if is_column:
            x, width = x + thick, max(0.0, width - thick)
        else:
            y, height = y + thick, max(0.0, height - thick)
        at = end
    return made


def _row_end(areas: Sequence[float], start: int, side: float) -> int:
    """Return where the row ends that begins at ``start``: when one more makes it worse."""
    end = start + 1
    total = areas[start]
    best = _worst(areas[start], areas[start], total, side)
    while end < len(areas):
        more = total + areas[end]
        worst = _worst(areas[start], areas[end], more, side)
        if worst > best:
            break
        best, total, end = worst, more, end + 1
    return end


def _worst(largest: float, smallest: float, total: float, side: float) -> float:
    """Return how long the longest rectangle of a row is, for its width."""
    if not smallest or not side:
        return float("inf")
    square = side * side
    return max(square * largest / (total * total), total * total / (square * smallest))

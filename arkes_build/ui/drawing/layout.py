"""Give every box its place: a column per generation, lines that go around boxes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.ui.drawing.sketch import Box, Line, Sketch

SWEEPS = 6
"""Times that the columns are sorted after each other; more changes little."""

LETTER = 9.6
"""Width of one letter of a name, in pixels, for a sans-serif of 14 pixels at its widest."""
SMALL_LETTER = 6.8
"""The same for the second line of a box, 11 pixels."""

PADDING = 14
HEIGHT = 46
"""Height of a box, in pixels."""
LANE = 16
"""Height that a line passing through a column is given."""
GAP = 18
COLUMN_GAP = 64
MARGIN = 24
NARROWEST = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBox:
    """A box and its rectangle, in pixels from the upper left corner."""

    box: Box
    x: float
    y: float
    width: float
    height: float = HEIGHT
    second: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A line and the path that draws it (SVG path data)."""

    line: Line
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole picture, in pixels."""

    boxes: tuple[PlacedBox, ...]
    lines: tuple[PlacedLine, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Slot:
    """What stands in a column: a box, or a line on its way to a later column."""

    name: str
    line: tuple[str, str] | None = None


def lay_out(sketch: Sketch) -> Layout:
    """Return the places of all boxes and lines, whole and half pixels only.

    The columns are ordered by the middle of what their boxes hang on (the barycentre
    way of Sugiyama, Tagawa and Toda, 1981), so few lines cross.
    """
    boxes = {box.name: box for box in sketch.boxes}
    columns, chains = _columns(sketch, boxes)
    _untangle(columns, chains)
    second = {box.name: _second(box) for box in sketch.boxes}
    widths = [_width(column, boxes, second) for column in columns]
    lefts = [MARGIN + sum(widths[:i]) + COLUMN_GAP * i for i in range(len(columns))]
    heights = [sum(_height(slot) + GAP for slot in column) - GAP for column in columns]
    tallest = max(heights, default=0)
    middles: dict[_Slot, float] = {}
    for column, height in zip(columns, heights, strict=True):
        y = MARGIN + (tallest - height) / 2
        for slot in column:
            middles[slot] = y + _height(slot) / 2
            y += _height(slot) + GAP
    return Layout(
        boxes=tuple(
            PlacedBox(
                box=box,
                x=lefts[box.row],
                y=_round(middles[_Slot(box.name)] - HEIGHT / 2),
                width=widths[box.row],
                second=second[box.name],
            )
            for box in sketch.boxes
        ),
        lines=tuple(
            PlacedLine(line=line, path=_path(chains[line], boxes, lefts, widths, middles))
            for line in sketch.lines
        ),
        width=2 * MARGIN + sum(widths) + COLUMN_GAP * max(0, len(columns) - 1),
        height=_round(2 * MARGIN + tallest),
    )


def _columns(
    sketch: Sketch, boxes: dict[str, Box]
) -> tuple[list[list[_Slot]], dict[Line, tuple[_Slot, ...]]]:
    count = max((box.row for box in sketch.boxes), default=-1) + 1
    columns: list[list[_Slot]] = [[] for _ in range(count)]
    for box in sorted(sketch.boxes, key=lambda box: box.name):
        columns[box.row].append(_Slot(box.name))
    chains = {}
    for line in sketch.lines:
        between = range(boxes[line.needed].row + 1, boxes[line.needing].row)
        lanes = [_Slot(f"{row}", (line.needed, line.needing)) for row in between]
        for row, lane in zip(between, lanes, strict=True):
            columns[row].append(lane)
        chains[line] = (_Slot(line.needed), *lanes, _Slot(line.needing))
    return columns, chains


def _untangle(columns: list[list[_Slot]], chains: dict[Line, tuple[_Slot, ...]]) -> None:
    before: dict[_Slot, list[_Slot]] = {}
    after: dict[_Slot, list[_Slot]] = {}
    for chain in chains.values():
        for left, right in pairwise(chain):
            before.setdefault(right, []).append(left)
            after.setdefault(left, []).append(right)
    place = {slot: at for column in columns for slot, at in _places(column).items()}
    for sweep in range(SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {slot: _middle(neighbours.get(slot, ()), place, slot) for slot in column}
            column.sort(key=middle.__getitem__)
            place.update(_places(column))


def _places(column: list[_Slot]) -> dict[_Slot, float]:
    return {slot: (i + 0.5) / len(column) for i, slot in enumerate(column)}


def _middle(near: Iterable[_Slot], place: dict[_Slot, float], slot: _Slot) -> float:
    places = [place[each] for each in near]
    return sum(places) / len(places) if places else place[slot]


def _second(box: Box) -> str:
    if box.kind == "left-out":
        return "left out"
    return box.action or box.kind


def _width(column: list[_Slot], boxes: dict[str, Box], second: dict[str, str]) -> float:
    widest = max(
        (
            max(len(slot.name) * LETTER, len(second[slot.name]) * SMALL_LETTER)
            for slot in column
            if slot.line is None and slot.name in boxes
        ),
        default=0.0,
    )
    return float(max(NARROWEST, round(widest) + 2 * PADDING))


def _height(slot: _Slot) -> float:
    return HEIGHT if slot.line is None else LANE


def _path(
    chain: tuple[_Slot, ...],
    boxes: dict[str, Box],
    lefts: list[float],
    widths: list[float],
    middles: dict[_Slot, float],
) -> str:
    first = boxes[chain[0].name].row
    y = middles[chain[0]]
    x = lefts[first] + widths[first]
    parts = [f"M{_text(x)} {_text(y)}"]
    for row, slot in enumerate(chain[1:], start=first + 1):
        to, left = middles[slot], lefts[row]
        half = _text((x + left) / 2)
        parts.append(f"C{half} {_text(y)} {half} {_text(to)} {_text(left)} {_text(to)}")
        x, y = left, to
        if slot.line is not None:
            x = left + widths[row]
            parts.append(f"H{_text(x)}")
    return " ".join(parts)


def _round(value: float) -> float:
    return round(value * 2) / 2


def _text(value: float) -> str:
    return f"{_round(value):g}"

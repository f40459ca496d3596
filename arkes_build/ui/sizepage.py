"""Draw what a release's bytes are spent on as one page: a map of the packages, and tables.

The page needs nothing from elsewhere. Its map is SVG that was laid out here; the few lines of
script only move the view to the package that is clicked, where its folders can be read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.history.sizes import parted
from arkes_build.ui.pagestyle import COLOURS, SCRIPT, STYLE
from arkes_build.ui.sizes import NOBODY, budget_lines, heading, shares_by
from arkes_build.ui.text import counted, cut, safe
from arkes_build.ui.treemap import tiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from arkes_build.history.model import Share
    from arkes_build.history.sizes import Spending


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the map: its upper left corner, how wide and how high it is."""

    x: float
    y: float
    wide: float
    high: float

    @property
    def area(self) -> float:
        """Return its area."""
        return self.wide * self.high

    def below(self, high: float) -> Box:
        """Return what is left of it without a title and a margin; never less than nothing."""
        return Box(
            self.x + MARGIN,
            self.y + high,
            max(0.0, self.wide - 2 * MARGIN),
            max(0.0, self.high - high - MARGIN),
        )

    def parted(self, sizes: Sequence[int]) -> list[Box]:
        """Return the rectangles of sizes above 0, the largest first."""
        made = tiles(sizes, self.wide, self.high)
        return [Box(self.x + t.x, self.y + t.y, t.width, t.height) for t in made]


MARGIN = 2.0
MAP = Box(0.0, 0.0, 1200.0, 640.0)
LEAST = 40.0
"""Smallest area of a package that is drawn for itself."""
_LEAST_COLOURED = 0.005
"""Smallest part of the whole that gets a colour for its line."""
FOLDERS = 8
_WITH_FOLDERS = 2500.0
_ROWS = 60
_LETTER = 0.6
"""How wide a letter is on the average, in parts of the font's size."""
_LARGEST_LETTER, _FOLDER_LETTER, _SMALLEST_LETTER = 18.0, 8.0, 2.4
_SHORT, _FEWEST = 9, 3
"""Letters of a name that is short, and of one that is too short to be written."""
_OTHERS = len(COLOURS) - 1
"""The colour of what nobody known wrote, and of all lines beyond the colours."""


_HINT = (
    "A rectangle is a package, its area what its files take. Click one to come nearer, "
    "again to go back."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Legend:
    """The lines that have a colour of their own, and the colour of each package."""

    lines: tuple[str, ...]
    packages: Mapping[str, int]


def size_page(spending: Spending) -> str:
    """Return the whole page as HTML."""
    legend = _legend(spending)
    body = [
        f"<h1>{_text(heading(spending))}</h1>",
        *(f"<p>{_text(line)}</p>" for line in budget_lines(spending)),
        *_legend_html(legend),
        f'<div class="map">{"".join(_map(spending, legend))}</div>',
        f"<p class='hint'>{_HINT}</p>",
    ]
    for by, title in (("package", "Packages"), ("line", "Lines"), ("folder", "Folders")):
        body += _table(title, shares_by(spending, by), NOBODY[by], spending.sizes.total)
    title = _text(f"Sizes: {spending.about.node or spending.name}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(body)
        + f"\n<script>{SCRIPT}</script></body></html>\n"
    )


def _legend(spending: Spending) -> _Legend:
    """Give a colour to each of the largest lines; a package has that of most of its bytes."""
    sizes = spending.sizes
    least = sizes.total * _LEAST_COLOURED
    shares = [share for share in sizes.by_line() if share.name and share.size > least]
    known = [share.name for share in shares][:_OTHERS]
    colour = {line: at for at, line in enumerate(known)}
    spent: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for path, taken in sizes.files.items():
        at = colour.get(sizes.lines.get(path, ""), _OTHERS)
        spent[sizes.packages.get(path, "")][at] += taken
    if not known:
        return _Legend(lines=(), packages=dict.fromkeys(spent, 0))
    packages = {name: min(c, key=lambda at: (-c[at], at)) for name, c in spent.items()}
    return _Legend(lines=tuple(known), packages=packages)


def _legend_html(legend: _Legend) -> Iterator[str]:
    if not legend.lines:
        return
    items = [
        f'<li><span class="c{at}"></span>{_text(line)}</li>' for at, line in enumerate(legend.lines)
    ]
    items.append(f'<li><span class="c{_OTHERS}"></span>other lines, or nobody known</li>')
    yield f"<ul class='legend'>{''.join(items)}</ul>"


def _map(spending: Spending, legend: _Legend) -> Iterator[str]:
    shown, rest = _drawn(spending.sizes.by_package(), spending.sizes.total)
    files: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for path, taken in spending.sizes.files.items():
        files[spending.sizes.packages.get(path, "")][path] = taken
    left = sum(share.size for share in rest)
    # The smaller ones come last, wherever their sum would be: they are the end of the list.
    boxes = MAP.parted([*(share.size for share in shown), *([left] if left else [])])
    yield f'<svg viewBox="0 0 {MAP.wide:.0f} {MAP.high:.0f}" role="img" aria-label="Map">'
    for share, box in zip(shown, boxes, strict=False):
        name = share.name or NOBODY["package"]
        colour = legend.packages.get(share.name, _OTHERS)
        inside = _folders(name, files[share.name], box) if box.area >= _WITH_FOLDERS else ()
        yield _package(name, share, box, f"c{colour}", inside)
    if left:
        name = counted(len(rest), "smaller package")
        yield _package(name, None, boxes[-1], f"c{_OTHERS}", (), taken=left)
    yield "</svg>"


def _drawn(shares: Sequence[Share], total: int) -> tuple[list[Share], list[Share]]:
    """Part packages into those that are drawn, and those too small to be seen."""
    least = LEAST / MAP.area * total
    shown = [share for share in shares if share.size >= least and share.size]
    return shown, list(shares[len(shown) :])


def _package(
    name: str, share: Share | None, box: Box, colour: str, inside: Iterable[str], *, taken: int = 0
) -> str:
    size_text = size(share.size if share else taken)
    files = f", {counted(share.files, 'file')}" if share else ""
    about = _text(f"{name}: {size_text}{files}")
    return (
        f'<g data-box="{_numbers(box)}"><title>{about}</title>{_rectangle(box, colour)}'
        f"{''.join(inside)}{_label(name, size_text, box)}</g>"
    )


def _folders(name: str, files: Mapping[str, int], box: Box) -> Iterator[str]:
    """Draw a package's folders below its name."""
    room = box.below(_letter(name, box) * 2.6)
    shares = [share for share in parted(files, FOLDERS) if share.size]
    for share, place in zip(shares, room.parted([s.size for s in shares]), strict=False):
        about = _text(f"{share.name}: {size(share.size)}, {counted(share.files, 'file')}")
        label = _label(share.name, "", place, most=_FOLDER_LETTER)
        yield f"<g><title>{about}</title>{_rectangle(place, 'folder')}{label}</g>"


def _label(name: str, below: str, box: Box, *, most: float = _LARGEST_LETTER) -> str:
    """Write a name into a rectangle as large as it fits, and a line below it if there is room."""
    letter = _letter(name, box, most)
    room = round((box.wide - 2 * MARGIN) / (letter * _LETTER))
    if box.high < letter * 1.4 or room < _FEWEST:
        return ""
    lines = [cut(safe(name), room)]
    if below and box.high >= letter * 2.5 and len(below) <= room:
        lines.append(below)
    return "".join(
        f'<text x="{box.x + MARGIN:.1f}" y="{box.y + letter * (1.1 + 1.1 * at):.1f}" '
        f'font-size="{letter:.1f}">{_text(line)}</text>'
        for at, line in enumerate(lines)
    )


def _letter(name: str, box: Box, most: float = _LARGEST_LETTER) -> float:
    """Return how large letters are with which a name fits; no smaller than who is near can read."""
    wide = (box.wide - 2 * MARGIN) / (max(len(name), _SHORT) * _LETTER)
    return max(_SMALLEST_LETTER, min(most, wide, box.high / 3))


def _rectangle(box: Box, colour: str) -> str:
    x, y, wide, high = _numbers(box).split()
    return f'<rect class="{colour}" x="{x}" y="{y}" width="{wide}" height="{high}"/>'


def _numbers(box: Box) -> str:
    return f"{box.x:.1f} {box.y:.1f} {box.wide:.1f} {box.high:.1f}"


def _table(title: str, shares: Sequence[Share], nobody: str, total: int) -> Iterator[str]:
    largest = max((share.size for share in shares), default=0) or 1
    yield f"<h2>{title}</h2><table>"
    for share in shares[:_ROWS]:
        name = f"{_text(share.name or nobody)}{_brief(share)}"
        yield (
            f"<tr><td class='n'>{size(share.size)}</td>"
            f"<td class='n'>{share.size * 100 / max(1, total):.1f} %</td>"
            f"<td class='bar'><div style='width:{share.size * 100 / largest:.1f}%'></div></td>"
            f"<td class='n'>{share.files:,}</td><td>{name}</td></tr>"
        )
    yield "</table>"
    if rest := shares[_ROWS:]:
        yield f"<p class='hint'>and {len(rest)} more: {size(sum(s.size for s in rest))}</p>"


def _brief(share: Share) -> str:
    return f" <span class='hint'>{_text(share.detail)}</span>" if share.detail else ""


def _text(text: str) -> str:
    """Return a text that is nothing but text on the page, whatever a file is called."""
    return escape(safe(text), quote=True)

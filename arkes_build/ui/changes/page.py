"""Write what changed as a page: one file, that fetches nothing and needs no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from arkes_build.core.amounts import size
from arkes_build.history.importance import by_importance
from arkes_build.ui.changes import words
from arkes_build.ui.text import safe
from arkes_build.ui.treemap import tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.history.model import Changes, Share
    from arkes_build.ui.treemap import Tile

WIDTH, HEIGHT = 960, 420
MOST_TILES = 120
"""Packages with a rectangle of their own: more would be too small to see."""
MOST_PATHS = 10_000
"""Paths on the page: a browser should open it at once. JSON has them all."""
_LETTER = 7.2
_ROOM = (44, 18)
"""Least width and height of a rectangle that has its name in it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with what it says."""

    tile: Tile
    title: str
    label: str
    shade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How long both parts of a bar are, in percent of the longest bar."""

    size: float
    removed: float


def changes_page(changes: Changes) -> str:
    """Return the page as HTML; every text in it is escaped."""
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("arkes_build.ui.changes", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"size": size, "safe_text": safe, "px": lambda value: f"{value:.1f}"}
    known = any(one.name for one in changes.by_line)
    template = environment.get_template("changes.html.j2")
    return template.render(
        changes=changes,
        words=words,
        title=f"{words.side(changes.before)} → {words.side(changes.after)}",
        summary=words.summary(changes),
        packages=sorted(changes.packages, key=lambda one: by_importance(one.name)),
        sections=[
            ("units", "Units", words.grouped(changes.units)),
            ("users", "Users and groups", words.grouped(changes.users)),
            ("kargs", "Kernel arguments", words.grouped(changes.kernel_arguments)),
        ],
        boxes=_boxes(changes.by_package, words.NOBODY),
        lines=_bars(changes.by_line, words.UNKNOWN) if known else [],
        owners=_bars(changes.by_package, words.NOBODY),
        paths=changes.files[:MOST_PATHS],
        more_paths=max(0, len(changes.files) - MOST_PATHS),
        width=WIDTH,
        height=HEIGHT,
    )


def _boxes(shares: Sequence[Share], nobody: str) -> list[Box]:
    """Draw the largest by themselves and all others as one."""
    named = [(safe(one.name) or nobody, one.size, one.files) for one in shares if one.size]
    if len(named) > MOST_TILES:
        rest = named[MOST_TILES:]
        named = named[:MOST_TILES]
        sums = sum(size for _, size, _ in rest), sum(files for _, _, files in rest)
        named.append((f"{len(rest)} more", *sums))
        named.sort(key=lambda one: -one[1])
    found = tiles([bytes_ for _, bytes_, _ in named], WIDTH, HEIGHT)
    return [_box(tile, *named[tile.index]) for tile in found]


def _box(tile: Tile, name: str, bytes_: int, files: int) -> Box:
    room = int(tile.width / _LETTER)
    fits = tile.width >= _ROOM[0] and tile.height >= _ROOM[1]
    label = (name if len(name) <= room else f"{name[: room - 1]}…") if fits else ""
    shade = sum(name.encode("utf-8", "replace")) % 6
    return Box(tile, f"{name}: {size(bytes_)} in {files:,} files", label, shade)


def _bars(shares: Sequence[Share], nobody: str) -> list[tuple[Share, str, Bar]]:
    """Give each share its name and its bar."""
    longest = max((one.size + one.removed for one in shares), default=0) or 1
    return [
        (
            one,
            safe(one.name) or nobody,
            Bar(size=100 * one.size / longest, removed=100 * one.removed / longest),
        )
        for one in shares
    ]

"""Draw single parts of what changed between two deployments, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.ui.changes import words
from arkes_build.ui.changes.text import STYLES
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.text import safe, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.history.model import Changes, Kind, PathChange
    from arkes_build.ui.screen import Screen

_TITLES = {"packages": "PACKAGES", "etc": "DEFAULTS OF /ETC", "files": "FILES"}


def part_lines(changes: Changes, parts: Sequence[str], screen: Screen) -> list[str]:
    """Return some of ``packages``, ``etc`` and ``files``, no list cut."""
    title = f"{words.side(changes.before)} → {words.side(changes.after)}"
    lines = [title] if screen.width is None else wrap(title, screen.width)
    for part in parts:
        rows = _rows(changes, part)
        drawn = Grid(titles=("", ""), telling="").draw(rows, screen)[1:] if rows else ["none"]
        lines += ["", screen.paint(_TITLES[part], Style.STRONG), *drawn]
    return lines


def _rows(changes: Changes, part: str) -> list[Row]:
    if part == "packages":
        return [_row(one.kind, safe(one.name), words.versions(one)) for one in changes.packages]
    paths = changes.etc if part == "etc" else changes.files
    return [_row(one.kind, _path(one), safe(one.detail)) for one in paths]


def _row(kind: Kind, name: str, told: str) -> Row:
    telling = (told,) if told else ()
    return Row(cells=(words.MARKS[kind], name), telling=telling, styles=(STYLES[kind],))


def _path(one: PathChange) -> str:
    return safe(one.path) + ("/" if one.is_folder else "")

"""Draw what changed on a screen: the sum first, then part by part, long lists cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.history.importance import by_importance
from arkes_build.history.model import Kind
from arkes_build.ui.changes import words
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.text import counted, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.history.model import Changes, NameChange, PathChange, Share
    from arkes_build.ui.screen import Screen

MOST = 12
"""Lines of one list, unless all are wanted."""
STYLES: dict[Kind, Style] = {
    Kind.ADDED: Style.GOOD,
    Kind.REMOVED: Style.BAD,
    Kind.CHANGED: Style.CARE,
    Kind.UPGRADED: Style.SAME,
    Kind.DOWNGRADED: Style.CARE,
}


def changes_lines(
    changes: Changes, screen: Screen, *, verbose: bool = False, files: bool = False
) -> list[str]:
    """Return the whole comparison; ``verbose`` cuts no list, ``files`` lists every path."""
    title = f"{words.side(changes.before)} → {words.side(changes.after)}"
    head = _fitted(title, screen)
    summary = words.summary(changes)
    if not summary:
        return [*head, "", "Nothing is different."]
    lines = [*head, *(screen.paint(one, Style.STRONG) for one in _fitted(summary, screen))]
    for title, part in _parts(changes, screen, files=files):
        lines += ["", screen.paint(title, Style.STRONG), *_cut(part, screen, is_all=verbose)]
    if files:
        rows = [_path_row(one) for one in changes.files]
        lines += ["", screen.paint("EVERY PATH", Style.STRONG), *_drawn(rows, screen)]
    return [*lines, "", screen.paint("DOWNLOAD", Style.STRONG), *_ways(changes, screen)]


def _parts(changes: Changes, screen: Screen, *, files: bool) -> Iterator[tuple[str, list[str]]]:
    """Give the title of each part that there is, and its lines without one cut."""
    if changes.packages:
        counts = words.kinds((one.kind for one in changes.packages), words.PACKAGE_WORDS)
        found = sorted(changes.packages, key=lambda one: by_importance(one.name))
        rows = [_row(one.kind, safe(one.name), words.versions(one)) for one in found]
        yield f"PACKAGES: {counts}", _drawn(rows, screen)
    if changes.etc:
        counts = words.kinds((one.kind for one in changes.etc), words.WORDS)
        yield f"DEFAULTS OF /ETC: {counts}", _drawn(list(map(_path_row, changes.etc)), screen)
    for title, names in (
        ("UNITS", changes.units),
        ("USERS AND GROUPS", changes.users),
        ("KERNEL ARGUMENTS", changes.kernel_arguments),
    ):
        if names:
            yield title, _drawn(_named(names), screen)
    if changes.files:
        counts = words.kinds((one.kind for one in changes.files), words.WORDS)
        more = "" if files else " (--files lists them)"
        yield f"FILES: {counts}{more}", _shares("PACKAGE", changes.by_package, words.NOBODY, screen)
        if any(one.name for one in changes.by_line):
            yield "FILES BY LINE", _shares("LINE", changes.by_line, words.UNKNOWN, screen)


def _row(kind: Kind, name: str, *telling: str) -> Row:
    return Row(
        cells=(words.MARKS[kind], name),
        telling=tuple(filter(None, telling)),
        styles=(STYLES[kind],),
    )


def _named(found: Sequence[NameChange]) -> list[Row]:
    return [
        _row(one.kind, one.name, ", ".join(filter(None, one.told))) for one in words.grouped(found)
    ]


def _path_row(change: PathChange) -> Row:
    path = safe(change.path) + ("/" if change.is_folder else "")
    told = [one for one in (safe(change.package), safe(change.detail), safe(change.line)) if one]
    return _row(change.kind, path, ", ".join(told))


def _drawn(rows: Sequence[Row], screen: Screen) -> list[str]:
    """Draw rows without a line of titles: the marks say it."""
    return Grid(titles=("", ""), telling="").draw(rows, screen)[1:]


def _shares(title: str, shares: Sequence[Share], nobody: str, screen: Screen) -> list[str]:
    grid = Grid(
        titles=("FILES", "BYTES", "GONE"),
        right=frozenset({"FILES", "BYTES", "GONE"}),
        telling=title,
    )
    rows = [
        Row(
            cells=(
                f"{one.files:,}",
                size(one.size),
                size(one.removed) if one.removed else "-",
            ),
            telling=(safe(f"{one.name or nobody}  {one.detail}".rstrip()),),
        )
        for one in shares
    ]
    return grid.draw(rows, screen)


def _ways(changes: Changes, screen: Screen) -> list[str]:
    grid = Grid(titles=("",), telling="")
    rows = [Row(cells=(name,), telling=(told,)) for name, told in words.sizes(changes.download)]
    return grid.draw(rows, screen)[1:]


def _cut(lines: list[str], screen: Screen, *, is_all: bool) -> list[str]:
    if is_all or len(lines) <= MOST + 1:
        return lines
    rest = counted(len(lines) - MOST, "more line")
    return [*lines[:MOST], screen.paint(f"and {rest} (-v shows them)", Style.CALM)]


def _fitted(text: str, screen: Screen) -> list[str]:
    return [text] if screen.width is None else wrap(text, screen.width)

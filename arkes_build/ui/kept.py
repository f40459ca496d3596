"""Show what is kept: a prune as a table or JSON, the pins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.delivery.keeping.objects import NOTHING
from arkes_build.delivery.keeping.retention import Why
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.delivery.keeping.objects import Weight
    from arkes_build.delivery.keeping.pins import Pinned
    from arkes_build.delivery.keeping.pruned import Part, Pruned
    from arkes_build.delivery.keeping.retention import Line, Release
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

NONE = "-"
_PARTS = {
    "layers": "no image and no kept release has them",
    "deltas": "from or to a release that is gone",
    "unreached": "objects that nothing led to any more",
    "unfinished": "what a run that was ended had begun",
    "records": "of nodes that have no commit here",
    "logs": "of builds that nothing here is from",
    "downloads": "what the bootstrap fetched",
}


def prune_lines(pruned: Pruned, screen: Screen, *, verbose: bool = False) -> list[str]:
    """Return the table of a prune, and a line that sums it up; ``verbose`` lists the releases."""
    grid = Grid(
        titles=("NODE", "KEPT", "GO" if pruned.is_dry else "GONE", "FREES"),
        right=frozenset({"KEPT", "GO", "GONE", "FREES"}),
        telling="WHY",
    )
    rows = [_line_row(line, pruned, verbose=verbose) for line in pruned.lines]
    rows += [_part_row(part) for part in pruned.parts]
    table = grid.draw(rows, screen) if rows else []
    return [*table, *([""] if table else []), summary(pruned)]


def summary(pruned: Pruned) -> str:
    """Return in one line what went, or would go."""
    freed = pruned.freed
    if not freed.files:
        return "Nothing to remove."
    verb = "Would remove" if pruned.is_dry else "Removed"
    gone = sum(len(line.removed) for line in pruned.lines)
    return (
        f"{verb} {counted(gone, 'release')}, {counted(freed.files, 'file')}: "
        f"{freed.size:,} bytes ({size(freed.size)}; {size(freed.disk)} of disk)."
    )


def prune_shape(pruned: Pruned) -> documents.PruneDocument:
    """Return a prune as JSON."""
    return {
        "schema": SCHEMA,
        "type": "prune",
        "repository": pruned.repository,
        "dry_run": pruned.is_dry,
        "refs": [
            {
                "ref": line.ref,
                "node": line.node,
                "keep": line.rule.keep,
                "days": line.rule.days,
                "releases": [_release(release, pruned) for release in line.releases],
            }
            for line in pruned.lines
        ],
        "others": [_other(part) for part in pruned.parts],
        "freed": _freed(pruned.freed),
    }


def pins_lines(pins: Iterable[Pinned], screen: Screen) -> list[str]:
    """Return the table of the pins."""
    rows = [
        Row(
            cells=(
                pin.commit[:SHORT_COMMIT],
                safe(pin.node),
                safe(pin.version) or NONE,
                _date(pin.timestamp),
            ),
            telling=(safe(pin.note),),
        )
        for pin in pins
    ]
    grid = Grid(titles=("COMMIT", "NODE", "VERSION", "DATE (UTC)"), telling="NOTE")
    return grid.draw(rows, screen) if rows else ["Nothing is pinned."]


def pins_shape(pins: Iterable[Pinned]) -> documents.PinsDocument:
    """Return the pins as JSON."""
    return {
        "schema": SCHEMA,
        "type": "pins",
        "pins": [
            {
                "commit": pin.commit,
                "node": pin.node,
                "version": pin.version,
                "timestamp": pin.timestamp,
                "note": pin.note,
            }
            for pin in pins
        ],
    }


def _line_row(line: Line, pruned: Pruned, *, verbose: bool) -> Row:
    freed = sum((pruned.releases.get(commit, NOTHING) for commit in line.removed), NOTHING)
    cells = (safe(line.node), str(len(line.kept)), str(len(line.removed)))
    told = [_why(line)]
    if verbose:
        told += [_told(release, pruned) for release in line.releases]
    style = Style.CARE if line.removed else None
    return Row(
        cells=(*cells, size(freed.size) if line.removed else NONE),
        telling=tuple(told),
        styles=(style,),
    )


def _why(line: Line) -> str:
    """Return the rule of a node, and how many of its releases are pinned."""
    rule = [f"keep = {line.rule.keep}"] if line.rule.keep is not None else []
    rule += [f"days = {line.rule.days}"] if line.rule.days is not None else []
    pinned = sum(Why.PINNED in release.why for release in line.releases)
    parts = rule or ["no [retention]: all stay"]
    return ", ".join([*parts, *([f"{pinned} pinned"] if pinned else [])])


def _told(release: Release, pruned: Pruned) -> str:
    begin = f"{release.commit[:SHORT_COMMIT]} {_date(release.timestamp)} {safe(release.version)}"
    if not release.is_kept:
        freed = pruned.releases.get(release.commit, NOTHING)
        return f"{begin.rstrip()}: {'goes' if pruned.is_dry else 'gone'}, {size(freed.size)}"
    return f"{begin.rstrip()}: {', '.join(_reasons(release, pruned))}"


def _reasons(release: Release, pruned: Pruned) -> Iterator[str]:
    for why in release.why:
        note = safe(pruned.pinned.get(release.commit, "")) if why is Why.PINNED else ""
        yield f"{why.value} ({note})" if note else why.value


def _part_row(part: Part) -> Row:
    cells = (part.name, "", str(part.count), size(part.weight.size))
    return Row(cells=cells, telling=(_PARTS[part.name],), styles=(Style.CALM,))


def _release(release: Release, pruned: Pruned) -> documents.KeptRelease:
    freed = pruned.releases.get(release.commit, NOTHING)
    return {
        "commit": release.commit,
        "version": release.version,
        "timestamp": release.timestamp,
        "why": [why.value for why in release.why],
        "note": pruned.pinned.get(release.commit, ""),
        "freed": None if release.is_kept else _freed(freed),
    }


def _other(part: Part) -> documents.OtherFreed:
    return {"name": part.name, "count": part.count, "freed": _freed(part.weight)}


def _freed(weight: Weight) -> documents.Freed:
    return {"files": weight.files, "size": weight.size, "disk": weight.disk}


def _date(timestamp: int) -> str:
    try:
        return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return "?"

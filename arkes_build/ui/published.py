"""Show what a publish did: a table for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe

if TYPE_CHECKING:
    from arkes_build.delivery.publishing.published import HeldBack, Published, PublishedRef
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

NONE = "-"


def published_lines(published: Published, screen: Screen) -> list[str]:
    """Return the table of what clients see, and what was written for it."""
    grid = Grid(
        titles=("NODE", "NOW", "COMMIT", "VERSION", "RELEASES", "UPDATE", "FIRST"),
        right=frozenset({"RELEASES", "UPDATE", "FIRST"}),
        telling="",
    )
    lines = grid.draw([_row(one) for one in published.refs], screen)
    held = [
        screen.paint(safe(f"held back: {one.node}: {one.why}"), Style.CARE)
        for one in published.held
    ]
    return [*lines, "", *held, *([""] if held else []), summary(published)]


def summary(published: Published) -> str:
    """Return in one line what was written and removed."""
    new = sum(one.is_new for one in published.refs)
    words = [
        f"{counted(len(published.refs), 'ref')}, {new or 'none'} of them new",
        f"{counted(published.objects, 'object')} written"
        + (f" ({size(published.object_bytes)})" if published.objects else ""),
        f"{counted(published.deltas, 'delta')} made",
    ]
    if published.useless:
        words.append(f"{counted(published.useless, 'delta')} larger than the objects, not kept")
    removed = published.removed
    if removed.deltas or removed.commits:
        words.append(
            f"{counted(removed.deltas, 'old delta')} and "
            f"{counted(removed.commits, 'old commit')} removed ({size(removed.bytes)})"
        )
    if not published.is_signed:
        words.append("not signed")
    return f"{safe(published.path)}: {', '.join(words)}"


def _row(one: PublishedRef) -> Row:
    steps = [each for each in one.downloads if each.before]
    whole = [each for each in one.downloads if not each.before]
    return Row(
        cells=(
            safe(one.node),
            "new" if one.is_new else "as before",
            one.newest.commit[:SHORT_COMMIT],
            safe(one.newest.version) or NONE,
            str(len(one.releases)),
            size(steps[0].delta or steps[0].objects) if steps else NONE,
            size(whole[0].delta or whole[0].objects) if whole else NONE,
        ),
        telling=(),
        styles=(None, Style.GOOD if one.is_new else Style.CALM),
    )


def published_shape(published: Published) -> documents.PublishedDocument:
    """Return the JSON shape of what a publish did."""
    return {
        "schema": SCHEMA,
        "type": "published",
        "path": published.path,
        "project": published.project,
        "url": published.url,
        "is_signed": published.is_signed,
        "refs": [_ref_shape(one) for one in published.refs],
        "objects": published.objects,
        "object_bytes": published.object_bytes,
        "deltas": published.deltas,
        "useless_deltas": published.useless,
        "removed_deltas": published.removed.deltas,
        "removed_commits": published.removed.commits,
        "removed_bytes": published.removed.bytes,
        "held": [_held_shape(one) for one in published.held],
    }


def _held_shape(one: HeldBack) -> documents.HeldBack:
    return {
        "node": one.node,
        "commit": one.commit,
        "fault": one.fault,
        "check": one.check,
        "why": one.why,
    }


def _ref_shape(one: PublishedRef) -> documents.PublishedRef:
    return {
        "ref": one.ref,
        "node": one.node,
        "commit": one.newest.commit,
        "before": one.before or None,
        "version": one.newest.version,
        "timestamp": one.newest.timestamp,
        "releases": [each.commit for each in one.releases],
        "downloads": [
            {
                "before": each.before or None,
                "delta": each.delta or None,
                "objects": each.objects,
            }
            for each in one.downloads
        ],
    }

"""Show what a release's bytes are spent on: tables with bars, or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import amount, size
from arkes_build.ui.bars import bar
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, pad, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.history.model import Share
    from arkes_build.history.sizes import Spending
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

FEW, MANY = 10, 40
"""Rows of a table: beside others, and alone."""
BAR = 20
NOBODY = {"package": "(no package)", "line": "(no known line)", "folder": ""}
UNKNOWN = "Which line wrote what is not known: its commit, or its layers, do not say."
BY = tuple(NOBODY)
_TITLES = {"package": "PACKAGE", "line": "LINE", "folder": "FOLDER"}


def size_lines(
    spending: Spending, screen: Screen, *, by: str | None = None, everything: bool = False
) -> list[str]:
    """Return a table for each way to add up, or the one that is asked for."""
    lines = [heading(spending)]
    lines += [f"  {said}" for said in budget_lines(spending)]
    most = None if everything else MANY if by else FEW
    for each in (by,) if by else BY:
        known = each != "line" or spending.sizes.lines
        lines += ["", *(_table(spending, each, screen, most) if known else [UNKNOWN])]
    return lines


def heading(spending: Spending) -> str:
    """Return what was measured, in one line."""
    about = spending.about
    names = [safe(about.node or spending.name), safe(about.version), about.checksum[:SHORT_COMMIT]]
    files = counted(len(spending.sizes.files), "file")
    return f"{' '.join(filter(None, names))}: {size(spending.sizes.total)} in {files}"


def budget_lines(spending: Spending) -> Iterator[str]:
    """Give a line for each budget: how much of it is used."""
    for what, allowed, used in _budgets(spending):
        if allowed is None:
            continue
        binary = bool(allowed % 1000)
        limit = amount(allowed, is_binary=binary)
        if used is None:
            yield f"budget of {what}: {limit}; there is no release before to compare with"
            continue
        share = used * 100 / allowed if allowed else 100.0
        over = f", {amount(used - allowed, is_binary=binary)} too much" if used > allowed else ""
        yield (
            f"budget of {what}: {amount(used, is_binary=binary)} of {limit} ({share:.1f} %){over}"
        )


def _budgets(spending: Spending) -> tuple[tuple[str, int | None, int | None], ...]:
    return (
        ("image", spending.budget.image, spending.sizes.total),
        ("update", spending.budget.update, spending.update),
    )


def shares_by(spending: Spending, by: str) -> tuple[Share, ...]:
    """Return the shares of one way to add up."""
    sizes = spending.sizes
    ways = {"package": sizes.by_package, "line": sizes.by_line, "folder": sizes.by_folder}
    return ways[by]()


def _table(spending: Spending, by: str, screen: Screen, most: int | None) -> list[str]:
    found = shares_by(spending, by)
    shown, rest = found[:most], found[len(found[:most]) :]
    largest = shown[0].size if shown else 0
    total = max(1, spending.sizes.total)
    rows = [_row(share, share.name or NOBODY[by], total, largest) for share in shown]
    grid = Grid(
        titles=("SIZE", "SHARE", "", "FILES"),
        right=frozenset({"SIZE", "SHARE", "FILES"}),
        telling=_TITLES[by],
    )
    lines = grid.draw(rows, screen)
    if rest:
        left = sum(share.size for share in rest)
        noun = {"package": "package", "line": "line", "folder": "folder"}[by]
        lines.append(
            screen.paint(f"and {counted(len(rest), f'more {noun}')}: {size(left)}", Style.CALM)
        )
    return lines


def _row(share: Share, name: str, total: int, largest: int) -> Row:
    return Row(
        cells=(
            size(share.size),
            f"{share.size * 100 / total:.1f} %",
            pad(bar(share.size, largest, BAR), BAR),
            f"{share.files:,}",
        ),
        telling=(safe(f"{name}  {share.detail}".rstrip()),),
        styles=(None, None, Style.SAME),
    )


def size_shape(spending: Spending) -> documents.SizeDocument:
    """Return the sizes as JSON."""
    about = spending.about
    (_, *image), (_, *update) = _budgets(spending)
    return {
        "schema": SCHEMA,
        "type": "size",
        "name": spending.name,
        "commit": about.checksum,
        "node": about.node,
        "version": about.version,
        "files": len(spending.sizes.files),
        "bytes": spending.sizes.total,
        "budgets": {"image": _use(*image), "update": _use(*update)},
        "packages": _shares(spending, "package"),
        "lines": _shares(spending, "line"),
        "folders": _shares(spending, "folder"),
    }


def _use(allowed: int | None, used: int | None) -> documents.BudgetUse | None:
    return None if allowed is None else {"allowed": allowed, "used": used}


def _shares(spending: Spending, by: str) -> list[documents.SpentShare]:
    found: Sequence[Share] = shares_by(spending, by)
    return [
        {"name": one.name, "brief": one.detail, "files": one.files, "bytes": one.size}
        for one in found
    ]

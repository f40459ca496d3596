"""Draw what there is to know as tables: a run's end, a plan, the refs of a store."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.events import Outcome
from arkes_build.plan.actions import ActionType
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT, STYLES, place, told
from arkes_build.ui.screen import Style
from arkes_build.ui.text import counted, duration, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.plan.actions import Action, Plan, Reason
    from arkes_build.project.model import LeftOut
    from arkes_build.ui.screen import Screen
    from arkes_build.ui.values import KnownRef, NodeEnd, RunEnd

MOST_REASONS = 3
NONE = "-"
_ACTIONS: dict[ActionType, Style] = {
    ActionType.BUILD: Style.GOOD,
    ActionType.WAIT: Style.CARE,
    ActionType.REUSE: Style.CALM,
}


def report_lines(report: RunEnd, screen: Screen, *, verbose: bool = False) -> list[str]:
    """Return the table of all nodes of a run, and a line that sums it up."""
    rows = [_node_row(node, verbose=verbose) for node in report.nodes]
    rows += [_left_out_row(item, 6) for item in report.left_out]
    refs = {node.node: node.ref for node in report.nodes if node.ref}
    lines = _with_refs(rows, refs, screen)
    return [*lines, "", *_fitted(summary(report), screen)]


def _fitted(text: str, screen: Screen) -> list[str]:
    return [text] if screen.width is None else wrap(text, screen.width)


def _with_refs(rows: list[Row], refs: dict[str, str], screen: Screen) -> list[str]:
    """Draw the table with a column of refs if there is room, else with a line below it.

    All refs of a project are a prefix and the node's name, so the line loses nothing.
    """
    titles = ("NODE", "OUTCOME", "TIME", "SIZE", "COMMIT", "REF")
    right = frozenset({"TIME", "SIZE"})
    grid = Grid(titles=titles, right=right, telling="WHY")
    prefixes = {ref.removesuffix(node) for node, ref in refs.items()}
    if grid.fits(rows, screen) or len(prefixes) != 1:
        return grid.draw(rows, screen)
    narrow = Grid(titles=titles[:-1], right=right, telling="WHY")
    short = [Row(cells=row.cells[:-1], telling=row.telling, styles=row.styles) for row in rows]
    return [*narrow.draw(short, screen), f"The refs in the OSTree repository: {prefixes.pop()}NODE"]


def _node_row(node: NodeEnd, *, verbose: bool) -> Row:
    return Row(
        cells=(
            safe(node.node),
            node.outcome.value,
            duration(node.seconds) if node.seconds else NONE,
            size(node.size) if node.size else NONE,
            node.commit[:SHORT_COMMIT] or NONE,
            safe(node.ref) or NONE,
        ),
        telling=_why(node, verbose=verbose),
        styles=(None, STYLES[node.outcome]),
    )


def _why(node: NodeEnd, *, verbose: bool) -> tuple[str, ...]:
    if node.error is not None:
        return (safe(node.error.brief.removeprefix(f"{node.node}: ")),)
    return _telling(node.reasons, verbose=verbose)


def _telling(reasons: Sequence[Reason], *, verbose: bool) -> tuple[str, ...]:
    lines = tuple(told(reason) for reason in reasons)
    if verbose or len(lines) <= MOST_REASONS + 1:
        return lines
    return (*lines[:MOST_REASONS], f"and {len(lines) - MOST_REASONS} more (-v shows them)")


def _left_out_row(item: LeftOut, columns: int) -> Row:
    where = place(item.span)
    why = safe(item.reason) + (f" ({safe(where)})" if where else "")
    cells = (safe(item.name), "left out", *(NONE,) * (columns - 2))
    return Row(cells=cells, telling=(why,), styles=(Style.CALM, Style.CALM))


def summary(report: RunEnd) -> str:
    """Return the run in one line."""
    counts = Counter(node.outcome for node in report.nodes)
    words = [f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome]]
    if report.left_out:
        words.append(f"{len(report.left_out)} left out")
    nodes = counted(len(report.nodes), "node")
    return f"{nodes} in {duration(report.seconds)}: {', '.join(words) or 'nothing'}"


def nothing_to_do(report: RunEnd) -> str:
    """Return the line that says so when every node was reused, else an empty text."""
    if any(node.outcome is not Outcome.REUSED for node in report.nodes):
        return ""
    if not report.nodes:
        return "Nothing to do: there are no nodes."
    subject = f"all {len(report.nodes)} nodes are" if len(report.nodes) > 1 else "the node is"
    return f"Nothing to do: {subject} up to date."


def plan_lines(plan: Plan, screen: Screen, *, verbose: bool = False) -> list[str]:
    """Return the table of what would happen to each node, and a line that sums it up."""
    rows = [_action_row(action, verbose=verbose) for action in plan.actions]
    rows += [_left_out_row(item, 4) for item in plan.left_out]
    grid = Grid(
        titles=("NODE", "ACTION", "LAST TIME", "KEY"),
        right=frozenset({"LAST TIME"}),
        telling="WHY",
    )
    return [*grid.draw(rows, screen), "", *_fitted(plan_summary(plan), screen)]


def _action_row(action: Action, *, verbose: bool) -> Row:
    return Row(
        cells=(
            safe(action.node),
            action.type.value,
            NONE if action.seconds is None else duration(action.seconds),
            NONE if action.key is None else action.key[:SHORT_COMMIT],
        ),
        telling=_telling(action.reasons, verbose=verbose),
        styles=(None, _ACTIONS[action.type]),
    )


def plan_summary(plan: Plan) -> str:
    """Return the plan in one line, with the time that the last builds took."""
    if plan.is_empty:
        return "Nothing to do: every node is up to date."
    counts = Counter(action.type for action in plan.actions)
    words = [f"{counts[ActionType.BUILD]} to build"]
    if waiting := counts[ActionType.WAIT]:
        words.append(
            "1 waits for what it stands on"
            if waiting == 1
            else f"{waiting} wait for what they stand on"
        )
    if reused := counts[ActionType.REUSE]:
        words.append(f"{reused} up to date")
    if plan.left_out:
        words.append(f"{len(plan.left_out)} left out")
    return ", ".join(words) + _expected(plan)


def _expected(plan: Plan) -> str:
    """Say how long it will take, with as many hands as the run would have."""
    estimate = plan.estimate
    work = [action for action in plan.actions if action.type is not ActionType.REUSE]
    if estimate is None:
        return ""
    unknown = len(estimate.unknown)
    if unknown == len(work):
        return "; none of them was ever built here, so the time is unknown"
    rest = f", and {unknown} {'was' if unknown == 1 else 'were'} never built here"
    return f"; about {duration(estimate.seconds)} as the last builds went{rest if unknown else ''}"


def refs_lines(refs: Iterable[KnownRef], screen: Screen) -> list[str]:
    """Return the table of the store's refs."""
    grid = Grid(titles=("REF", "COMMIT", "VERSION", "DATE (UTC)"), telling="CONTENT")
    rows = [
        Row(
            cells=(
                safe(ref.ref),
                ref.commit[:SHORT_COMMIT],
                safe(ref.version) or NONE,
                f"{datetime.fromtimestamp(ref.timestamp, UTC):%Y-%m-%d %H:%M}",
            ),
            telling=(_content(ref),),
        )
        for ref in refs
    ]
    return grid.draw(rows, screen)


def _content(ref: KnownRef) -> str:
    parts = [counted(ref.packages, "package")]
    if ref.kernel:
        parts.append(f"kernel {safe(ref.kernel)}")
    if ref.key:
        parts.append(f"key {ref.key[:SHORT_COMMIT]}")
    return ", ".join(parts)

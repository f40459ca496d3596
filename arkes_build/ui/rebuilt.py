"""Draw how a second build came out: a row for each node, then what differs, by its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.causes import Cause
from arkes_build.history.differences import What
from arkes_build.history.model import Kind
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, duration, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.history.differences import Difference
    from arkes_build.history.model import PackageChange
    from arkes_build.history.rebuilt import NodeComparison
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

MOST_SHOWN = 20
"""Paths of one node that are listed; ``-v`` lists all that are known."""
MOST_PACKAGES = 10
_CAUSES = {
    Cause.TIME: "time: the day or the second of the build",
    Cause.ORDER: "order: the same in another order",
    Cause.PATH: "build path: a name that only that build had",
    Cause.RANDOM: "random: drawn anew, or counted",
    Cause.UNKNOWN: "no known cause",
    Cause.PACKAGES: "another version of the package",
    Cause.FOLLOWS: "follows from what differs below",
}
_WHATS = {
    What.ONLY_RECORDED: "only in what is recorded",
    What.ONLY_REBUILT: "only in the second build",
    What.KIND: "kind: ",
    What.MODE: "mode: ",
    What.OWNER: "owner: ",
    What.TARGET: "leads to: ",
    What.XATTRS: "extended attribute ",
    What.CONTENT: "",
}
_MOVED = (
    "The package archive has moved on since the recorded build. To build of the very same "
    "packages, lock them: `arkes-build lock`, then `arkes-build build --locked`."
)


def rebuilt_lines(
    nodes: Sequence[NodeComparison], seconds: float, screen: Screen, *, verbose: bool = False
) -> list[str]:
    """Return the table, what differs in each node, and a line that sums it up."""
    lines = _table(nodes, screen)
    for node in nodes:
        if not node.is_same:
            lines += ["", *_node_lines(node, screen, verbose=verbose)]
    same = sum(node.is_same for node in nodes)
    ends = ", ".join(
        f"{count} {word}"
        for count, word in ((same, "the same"), (len(nodes) - same, "different"))
        if count
    )
    built = f"{counted(len(nodes), 'node')} built again in {duration(seconds)}"
    return [*lines, "", f"{built}: {ends}." if ends else f"{built}."]


def _table(nodes: Iterable[NodeComparison], screen: Screen) -> list[str]:
    rows = [
        Row(
            cells=(
                node.node,
                "same" if node.is_same else "different",
                node.recorded[:SHORT_COMMIT],
                node.rebuilt[:SHORT_COMMIT],
            ),
            telling=() if node.is_same else (_counts(node),),
            styles=(None, Style.GOOD if node.is_same else Style.BAD),
        )
        for node in nodes
    ]
    titles = ("NODE", "CAME OUT", "RECORDED", "REBUILT")
    return Grid(titles=titles, telling="WHAT DIFFERS").draw(rows, screen)


def _counts(node: NodeComparison) -> str:
    parts = [counted(len(node.packages), "package")] if node.packages else []
    own = node.paths - node.inherited
    parts.append(counted(own, "path"))
    if node.inherited:
        parts.append(f"{node.inherited} more as in a node below")
    return ", ".join(parts)


def _node_lines(node: NodeComparison, screen: Screen, *, verbose: bool) -> list[str]:
    lines = [screen.paint(f"{node.node} differs", Style.STRONG)]
    if node.packages:
        lines += _package_lines(node.packages, verbose=verbose)
        if not verbose:
            own = counted(node.paths - node.inherited, "path")
            return [*lines, f"  {own} differ with them; -v lists them"]
    shown = node.differences if verbose else _first_paths(node.differences)
    for cause, text in _CAUSES.items():
        found = [one for one in shown if one.cause is cause]
        if found:
            lines.append(f"  {screen.paint(text, Style.CARE)}")
            lines += [line for one in found for line in _difference_lines(one, screen)]
    left = node.paths - node.inherited - len({one.path for one in shown})
    if left > 0:
        lines.append(f"  and {counted(left, 'more path')}")
    return lines


def _first_paths(differences: Iterable[Difference]) -> list[Difference]:
    shown: list[Difference] = []
    paths: set[str] = set()
    for one in differences:
        paths.add(one.path)
        if len(paths) > MOST_SHOWN:
            break
        shown.append(one)
    return shown


def _package_lines(packages: Sequence[PackageChange], *, verbose: bool) -> list[str]:
    newer = sum(package.kind is Kind.UPGRADED for package in packages)
    said = f"{counted(len(packages), 'package')} in another version"
    if newer:
        said += f", {newer} newer"
    shown = packages if verbose else packages[:MOST_PACKAGES]
    lines = [f"  {said}"]
    lines += [
        f"    {safe(one.name)} {safe(one.before or '-')} → {safe(one.after or '-')}"
        for one in shown
    ]
    if len(packages) > len(shown):
        lines.append(f"    and {len(packages) - len(shown)} more")
    return [*lines, f"  {_MOVED}"]


def _difference_lines(one: Difference, screen: Screen) -> list[str]:
    way = " › ".join(safe(part) for part in (one.path, *one.inside))
    whose = ", ".join(safe(part) for part in (one.package, one.line) if part)
    head = f"    {way}" + (screen.paint(f"  ({whose})", Style.CALM) if whose else "")
    before = _WHATS[one.what]
    details = [f"{before}{safe(text)}" for text in one.details] or [before]
    return [head, *(f"      {text}" for text in details)]


def rebuilt_shape(
    nodes: Sequence[NodeComparison], seconds: float, exit_code: int
) -> documents.RebuiltDocument:
    """Return how a second build came out as JSON has it."""
    return {
        "schema": SCHEMA,
        "type": "rebuilt",
        "exit_code": exit_code,
        "is_same": all(node.is_same for node in nodes),
        "seconds": round(seconds, 3),
        "nodes": [_node_shape(node) for node in nodes],
    }


def _node_shape(node: NodeComparison) -> documents.RebuiltNode:
    return {
        "node": node.node,
        "commit": node.commit,
        "is_same": node.is_same,
        "recorded": node.recorded,
        "rebuilt": node.rebuilt,
        "packages": [
            {"name": one.name, "before": one.before, "after": one.after, "kind": one.kind.value}
            for one in node.packages
        ],
        "paths": node.paths,
        "inherited": node.inherited,
        "differences": [_difference_shape(one) for one in node.differences],
    }


def _difference_shape(one: Difference) -> documents.RebuiltDifference:
    return {
        "path": one.path,
        "what": one.what.value,
        "cause": one.cause.value,
        "inside": list(one.inside),
        "details": list(one.details),
        "package": one.package,
        "line": one.line,
    }

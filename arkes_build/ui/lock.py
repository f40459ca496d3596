"""Show a lock that was written, or would be: its nodes, and what changes package by package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.project.lockmoves import Kind
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted

if TYPE_CHECKING:
    from arkes_build.project.lockmoves import LockMade, Move
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

_WORDS = {
    Kind.UP: "up",
    Kind.DOWN: "down",
    Kind.ADDED: "new",
    Kind.REMOVED: "gone",
    Kind.FILE: "other file",
}


def lock_lines(made: LockMade, screen: Screen) -> list[str]:
    """Return what changes, a table of the nodes, and a line that sums it up."""
    lines = [*_changes(made, screen)]
    grid = Grid(titles=("NODE", "PACKAGES", "SIZE", "CHANGED"), right=frozenset(_NUMBERS))
    rows = [
        Row(cells=(one.node, str(one.packages), size(one.size), str(len(one.moves))))
        for one in made.nodes
    ]
    verb = "would change" if made.is_dry else "is written"
    end = f"{made.path} {verb if made.is_changed else 'is up to date'}."
    return [*lines, *([""] if lines else []), *grid.draw(rows, screen), "", end]


_NUMBERS = ("PACKAGES", "SIZE", "CHANGED")


def update_lines(made: LockMade, screen: Screen) -> list[str]:
    """Return what changes, and a line that sums it up."""
    if not made.is_changed:
        return [f"Nothing to update: {made.path} has what there is."]
    lines = _changes(made, screen)
    moved = {move for node in made.nodes for move in node.moves}
    verb = "Would change" if made.is_dry else "Changed"
    fixes = sum(move.is_security for move in moved)
    told = f", {fixes} of them from a security archive" if fixes else ""
    end = f"{verb} {counted(len(moved), 'package')} in {made.path}{told}."
    more = [] if made.is_dry else ["`arkes-build all --locked` builds that."]
    return [*lines, *([""] if lines else []), end, *more]


def _changes(made: LockMade, screen: Screen) -> list[str]:
    """Return each change once, with the lowest node that has it."""
    seen: set[Move] = set()
    found: list[tuple[str, Move]] = []
    for node in made.nodes:
        found += [(node.node, move) for move in node.moves if move not in seen]
        seen.update(node.moves)
    found.sort(key=lambda pair: (not pair[1].is_kernel, not pair[1].is_security))
    grid = Grid(titles=("PACKAGE", "", "LOCKED", "NOW", "NODE", "WHY"))
    rows = [
        Row(
            cells=(
                move.name,
                _WORDS[move.kind],
                move.before or "-",
                move.after or "-",
                node,
                _why(move),
            )
        )
        for node, move in found
    ]
    return grid.draw(rows, screen) if rows else []


def _why(move: Move) -> str:
    words = ("kernel" if move.is_kernel else "", "security" if move.is_security else "")
    return ", ".join(filter(None, words))


def lock_shape(made: LockMade) -> documents.LockDocument:
    """Return a lock as JSON."""
    return {
        "schema": SCHEMA,
        "type": "lock",
        "path": made.path,
        "dry_run": made.is_dry,
        "changed": made.is_changed,
        "nodes": [
            {
                "node": one.node,
                "packages": one.packages,
                "size": one.size,
                "changes": [
                    {
                        "name": move.name,
                        "kind": move.kind.value,
                        "before": move.before,
                        "after": move.after,
                        "kernel": move.is_kernel,
                        "security": move.is_security,
                    }
                    for move in one.moves
                ],
            }
            for one in made.nodes
        ],
    }

"""Leave out checks that are known to fail, with a reason, and only until a day."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from arkes_build.trial.errors import CheckUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE = "denied.toml"
_KEYS = frozenset({"check", "nodes", "why", "until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A pattern of checks that are left out; ``until`` is the last day of it."""

    check: str
    why: str
    until: date
    nodes: tuple[str, ...] = ()

    def holds(self, node: str, today: date) -> bool:
        """Tell whether checks of a node are meant, and still today."""
        of_node = not self.nodes or any(fnmatchcase(node, one) for one in self.nodes)
        return of_node and today <= self.until


def denials(path: Path) -> tuple[Denial, ...]:
    """Read a list of denials; none without a file. Raises ``CheckUnusable``."""
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise CheckUnusable(path, why=str(error)) from error
    rows = value.pop("deny", [])
    if value or not isinstance(rows, list):
        raise CheckUnusable(path, why="it has [[deny]] tables and nothing else")
    return tuple(_denial(path, row) for row in rows)


def denied(denials: Sequence[Denial], check: str, node: str, today: date) -> str:
    """Return why a check is left out today; an empty text when it is not."""
    for one in denials:
        if one.holds(node, today) and fnmatchcase(check, one.check):
            return f"{one.why} (until {one.until.isoformat()})"
    return ""


def _denial(path: Path, row: Any) -> Denial:
    if not isinstance(row, dict) or not row.keys() <= _KEYS:
        raise CheckUnusable(path, why=f"a [[deny]] has {', '.join(sorted(_KEYS))}")
    nodes = row.get("nodes", [])
    check, why, until = row.get("check"), row.get("why"), row.get("until")
    if not isinstance(check, str) or not isinstance(why, str) or not check or not why.strip():
        raise CheckUnusable(path, why="a [[deny]] needs check and why")
    # A date and time is a date too, for Python, but cannot be compared with one.
    if type(until) is not date:
        raise CheckUnusable(path, why=f"the denial of {check} needs until = 2027-01-31 or alike")
    if not isinstance(nodes, list) or not all(isinstance(one, str) for one in nodes):
        raise CheckUnusable(path, why=f"nodes of the denial of {check} is a list of names")
    return Denial(check=check, why=why, until=until, nodes=tuple(nodes))

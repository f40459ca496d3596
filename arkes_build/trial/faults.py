"""Find the line of a check that failed, and what its names stood for."""

from __future__ import annotations

import ast
import linecache
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_LONGEST_VALUE = 500
_MOST_NAMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where a check failed: ``file:line``, the whole statement, and ``name = value`` lines."""

    where: str
    source: str = ""
    known: str = ""


def fault_of(path: Path, error: BaseException) -> Fault:
    """Return the last line of a file that an error came through; else just the file."""
    found: TracebackType | None = None
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(path):
            found = step
        step = step.tb_next
    if found is None:
        return Fault(where=path.name)
    line, source = _statement(path, found.tb_lineno)
    return Fault(
        where=f"{path.name}:{line}",
        source=" ".join(source.split()),
        known=_known(source, found.tb_frame.f_locals),
    )


def _statement(path: Path, number: int) -> tuple[int, str]:
    """Return the smallest statement around a line: where it begins, and all its lines."""
    linecache.checkcache(str(path))
    lines = linecache.getlines(str(path))
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return number, ""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or 0)
    ]
    if not around:
        return number, ""
    smallest = min(around, key=lambda node: (node.end_lineno or 0) - node.lineno)
    text = "".join(lines[smallest.lineno - 1 : smallest.end_lineno])
    return smallest.lineno, dedent(text)


def _known(source: str, values: dict[str, object]) -> str:
    """Return what the names of a statement stood for, but for those that say nothing."""
    try:
        names = [one.id for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Name)]
    except (SyntaxError, ValueError):
        return ""
    told = [
        f"{name} = {_shown(values[name])}"
        for name in dict.fromkeys(names)
        if name in values and isinstance(values[name], _TELLING)
    ]
    return "\n".join(told[:_MOST_NAMES])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


_TELLING = (str, bytes, int, float, list, tuple, dict, set, frozenset, type(None))

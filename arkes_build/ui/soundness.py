"""Draw what ``fsck`` found: what was looked at, each damage, and how it goes meanwhile."""

from __future__ import annotations

import threading
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from arkes_build.core.amounts import size
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.delivery.soundness.damage import Damage, Findings
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

MOST = 5
"""Refs and paths that are listed for one damage; ``-v`` lists all that are known."""
_INDENT = "    "
_NARROW = 20
_NOUNS = {
    "file": "file",
    "dirtree": "directory",
    "dirmeta": "owner and mode",
    "commit": "commit",
    "commitmeta": "signature",
}
_HINT = " `--repair` makes whole what can be."
_ERASE = "\r\x1b[K"


def findings_lines(findings: Findings, screen: Screen, *, verbose: bool = False) -> list[str]:
    """Return the damages, one after the other, and a line that sums all up."""
    lines = []
    for damage in findings.damages:
        lines += [*_damage_lines(damage, screen, verbose=verbose), ""]
    return [*lines, *_fitted(summary(findings), screen, "")]


def summary(findings: Findings) -> str:
    """Return in one line what was looked at and what is left."""
    parts = [
        f"{counted(findings.objects, 'object')} ({size(findings.size)})",
        counted(findings.commits, "commit"),
        counted(findings.refs, "ref"),
    ]
    if findings.deltas:
        parts.append(counted(findings.deltas, "delta"))
    if findings.records:
        parts.append(counted(findings.records, "record"))
    looked = f"{safe(findings.repository)}: {', '.join(parts)}"
    if findings.partial:
        looked += f"; {counted(findings.partial, 'commit')} meant to be partial"
    left, count = len(findings.left), len(findings.damages)
    if not count:
        return f"{looked}; all of it is whole."
    repaired = f"{count - left} repaired" if count > left else ""
    told = ", ".join(filter(None, (repaired, f"{left} left" if left else "")))
    hint = "" if repaired or any(one.told for one in findings.left) else _HINT
    return f"{looked}; {counted(count, 'damage')}: {told}.{hint}"


def _damage_lines(damage: Damage, screen: Screen, *, verbose: bool) -> list[str]:
    is_left = damage.state.value == "left"
    state = ("missing" if damage.is_missing else "damaged") if is_left else "repaired"
    noun = _NOUNS.get(damage.kind.value)
    name = f"{noun} {damage.name}" if noun else safe(damage.name)
    head = screen.paint(state, Style.BAD if is_left else Style.GOOD)
    told = [] if damage.is_missing else [damage.what]
    told += _listed("needed by ", damage.users, 0, verbose=verbose)
    told += _listed("at ", damage.paths, damage.more_paths, verbose=verbose)
    if damage.told:
        told.append(damage.told)
    return [f"{head} {name}", *(line for text in told for line in _fitted(text, screen, _INDENT))]


def _listed(before: str, names: Iterable[str], more: int, *, verbose: bool) -> list[str]:
    known = [safe(_short(name)) for name in names]
    shown = known if verbose else known[:MOST]
    hidden = len(known) - len(shown) + more
    text = ", ".join(shown) + (f" and {hidden} more" if hidden else "")
    return [before + text] if shown else []


def _short(name: str) -> str:
    """Return a layer's ref with as much of its chain ID as people need."""
    before, _, chain = name.partition("arkes-layers/")
    return f"layer {chain[:SHORT_COMMIT]}" if chain and not before else name


def _fitted(text: str, screen: Screen, indent: str) -> list[str]:
    if screen.width is None:
        return [indent + text]
    room = max(_NARROW, screen.width - len(indent))
    return [indent + line for line in wrap(text, room)]


def findings_shape(findings: Findings) -> documents.FsckDocument:
    """Return what was found as JSON has it."""
    return {
        "schema": SCHEMA,
        "type": "fsck",
        "repository": findings.repository,
        "is_whole": not findings.left,
        "objects": findings.objects,
        "size": findings.size,
        "commits": findings.commits,
        "refs": findings.refs,
        "deltas": findings.deltas,
        "records": findings.records,
        "partial": findings.partial,
        "damages": [_damage_shape(damage) for damage in findings.damages],
    }


def _damage_shape(damage: Damage) -> Any:
    shape = {each.name: getattr(damage, each.name) for each in fields(damage)}
    lists = {name: list(shape[name]) for name in ("users", "paths")}
    return {**shape, **lists, "kind": damage.kind.value, "state": damage.state.value}


class Meter:
    """Show on a terminal how many objects have been looked at; say nothing elsewhere."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._lock = threading.Lock()
        self._percent = -1

    def __call__(self, done: int, total: int) -> None:
        """Draw the line over the one before, once for each percent."""
        percent = 100 * done // max(1, total)
        with self._lock:
            if not self._screen.moves or percent == self._percent:
                return
            self._percent = percent
            text = f"looking at objects: {done} of {total} ({percent} %)"
            self._screen.stream.write(_ERASE + text)
            self._screen.stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._percent >= 0:
            self._percent = -1
            self._screen.stream.write(_ERASE)
            self._screen.stream.flush()

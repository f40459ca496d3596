"""Find what a store keeps beside its repository and nobody has a use for any more."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from arkes_build.store.index import FOLDER as INDEX
from arkes_build.store.store import KEY_SHOWN, is_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from arkes_build.plan.state import Record
    from arkes_build.store.store import Store


class Kind(Enum):
    """Say what a file was."""

    RECORD = "records"
    """Records and indexes of nodes that have no commit here."""
    LOG = "logs"
    """What builds printed whose key no record and no kept release has."""
    DOWNLOAD = "downloads"
    """Packages that the bootstrap fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """One file that may go."""

    kind: Kind
    path: str


def records(store: Store) -> tuple[dict[str, Record], frozenset[str]]:
    """Return the records of nodes that have a commit here, and the nodes that have none."""
    names = [path.stem for path in sorted((store.path / "records").glob("*.json"))]
    state = store.state(name for name in names if is_node(name))
    there = {name: one for name, one in state.records.items() if one.ref in state.commits}
    return there, frozenset(state.records.keys() - there.keys())


def leftovers(
    store: Path,
    *,
    gone: Collection[str],
    recorded: Mapping[str, Record],
    keys: Collection[str],
    downloads: bool = False,
) -> tuple[Leftover, ...]:
    """Return the files that may go, sorted.

    ``gone`` are nodes without a commit, ``recorded`` those with one; ``keys`` those of the
    releases that stay. The last log of a node stays too: it may tell why a build failed.
    """
    found = [Leftover(kind=Kind.RECORD, path=path) for path in _records(store, gone)]
    kept = {key[:KEY_SHOWN] for key in keys} | {r.key[:KEY_SHOWN] for r in recorded.values()}
    found += [Leftover(kind=Kind.LOG, path=path) for path in _logs(store / "logs", kept, gone)]
    if downloads:
        found += [Leftover(kind=Kind.DOWNLOAD, path=path) for path in _files(store / "cache")]
    return tuple(found)


def _records(store: Path, gone: Collection[str]) -> Iterator[str]:
    for node in sorted(gone):
        yield str(store / "records" / f"{node}.json")
    for path in sorted((store / INDEX).glob("*.json")):
        # A record that cannot be read still is one: its node counts as new, not as gone.
        if path.stem in gone or not (store / "records" / path.name).exists():
            yield str(path)


def _logs(folder: Path, kept: Collection[str], gone: Collection[str]) -> Iterator[str]:
    for node in sorted(folder.glob("*")):
        logs = sorted(node.glob("*.log"), key=lambda path: (path.stat().st_mtime, path.name))
        last = set() if node.name in gone else {path.name for path in logs[-1:]}
        for path in sorted(logs):
            if path.stem not in kept and path.name not in last:
                yield str(path)


def _files(folder: Path) -> Iterator[str]:
    for place, _folders, names in os.walk(folder):
        for name in sorted(names):
            yield f"{place}/{name}"

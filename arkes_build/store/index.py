"""Write down which units and packages a node has, to be read without libostree.

One small file beside each record, ``index/NODE.json``. Who checks a project, or types in
an editor, asks for nodes one at a time; a file that is missing or of another format says
nothing, as in a store from before there was an index.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import write_atomically
from arkes_build.core.names import Family
from arkes_build.project.known import Known, KnownNodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from arkes_build.store.trees import Tree

FORMAT = 1
FOLDER = "index"
_KINDS = frozenset(
    {"automount", "mount", "path", "service", "slice", "socket", "swap", "target", "timer"}
)
"""Kinds of units that have files (systemd.unit(5))."""


def is_indexed(store: Path, node: str) -> bool:
    """Tell whether there is an index of a node, readable or not."""
    return _path(store, node).exists()


def write_index(store: Path, node: str, known: Known) -> None:
    """Keep what is known of a node; the old file or the new one is always there."""
    value = {
        "format": FORMAT,
        "units": sorted(known.units),
        "user_units": sorted(known.user_units),
        "packages": dict(known.packages),
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    write_atomically(_path(store, node), text.encode("ascii") + b"\n")


def read_index(store: Path, node: str) -> Known | None:
    """Return what is known of a node, None when nothing is."""
    try:
        return _known(json.loads(_path(store, node).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def known_in(tree: Tree, packages: Iterable[str]) -> Known:
    """Return what a committed tree holds; ``packages`` are ``name=version``.

    ``tree`` may be deployable (``/usr/etc``) or as the image has it (``/etc``).
    """
    return Known(
        units=_units(tree, "system"),
        user_units=_units(tree, "user"),
        # libc6:amd64=2.36 and libc6:i386=2.36 are one package of two architectures.
        packages={
            name.partition(":")[0]: version
            for name, _, version in (each.partition("=") for each in sorted(packages))
        },
    )


class Index(KnownNodes):
    """What a store of ``family`` knows of its nodes, each read when it is asked for."""

    def __init__(self, store: Path, family: Family) -> None:
        self.family = family
        self._store = store
        self._read: dict[str, Known | None] = {}

    def __getitem__(self, node: str) -> Known:
        """Return what is known of a node; raises ``KeyError`` when nothing is."""
        if node not in self._read:
            self._read[node] = read_index(self._store, node) if _is_file_name(node) else None
        known = self._read[node]
        if known is None:
            raise KeyError(node)
        return known

    def __iter__(self) -> Iterator[str]:
        """Yield the nodes of which something is known, by name."""
        names = sorted(path.stem for path in (self._store / FOLDER).glob("*.json"))
        return (name for name in names if name in self)

    def __bool__(self) -> bool:
        """Tell whether there is any file to read; none is read for it."""
        return next((self._store / FOLDER).glob("*.json"), None) is not None

    def __len__(self) -> int:
        """Return of how many nodes something is known."""
        return sum(1 for _ in self)


def open_index(store: Path) -> Index | None:
    """Return the index of the store at ``store``; None when there is no store."""
    try:
        return Index(store, Family(json.loads((store / "store.json").read_bytes())["family"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _units(tree: Tree, manager: str) -> frozenset[str]:
    folders = (f"{top}/systemd/{manager}" for top in ("usr/lib", "etc", "usr/etc"))
    names = (name for folder in folders for name in tree.names(folder))
    return frozenset(name for name in names if name.rpartition(".")[2] in _KINDS)


def _known(value: Any) -> Known:
    if value["format"] != FORMAT:
        raise ValueError(value["format"])
    units, user_units, packages = value["units"], value["user_units"], value["packages"]
    texts = [*units, *user_units, *packages.values()]
    if not (isinstance(units, list) and isinstance(user_units, list)) or not all(
        isinstance(text, str) for text in texts
    ):
        raise TypeError
    return Known(units=frozenset(units), user_units=frozenset(user_units), packages=packages)


def _path(store: Path, node: str) -> Path:
    return store / FOLDER / f"{node}.json"


def _is_file_name(node: str) -> bool:
    return bool(node) and "/" not in node and "\0" not in node and not node.startswith(".")

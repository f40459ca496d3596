"""Say which line of a Systemfile wrote a path last: that of the highest layer that changed it.

Layers are committed one on the other, so most of a layer's directories are those of the layer
below, told by the same checksum. A directory is therefore kept as its *runs*: layers that
follow each other and have the very same directory. Of most there are one or two, whatever the
number of layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.store import refs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from arkes_build.history.commits import History
    from arkes_build.history.trees import Root, Trees
    from arkes_build.plan.state import Origin
    from arkes_build.store.folders import Folder

Runs = list[tuple[int, str]]
"""From the highest: the lowest layer of a run, and the checksum of the directory there."""


def line_of(origin: Origin) -> str:
    """Return what a line is called: its place, or what made a layer that nobody wrote."""
    if origin.where:
        return origin.where
    return f"{origin.node} ({origin.brief})" if origin.brief else origin.node


def layer_roots(history: History, layers: Iterable[Origin]) -> tuple[Root | None, ...]:
    """Return the trees of layers, from the lowest; None for one that is not kept any more."""
    return tuple(_layer_root(history, history.path, one.chain_id) for one in layers)


def _layer_root(history: History, repository: Path, chain_id: str) -> Root | None:
    try:
        commit = refs.read(repository, refs.layer_ref(chain_id))
    except ValueError:
        return None
    return history.commit(commit).root if commit else None


class Lines:
    """Find the lines of one image's paths."""

    def __init__(
        self, trees: Trees, layers: Sequence[Origin], roots: Sequence[Root | None]
    ) -> None:
        """Take layers and their trees, from the lowest. Below one that is gone nobody knows."""
        self._trees = trees
        self._layers = layers
        gone = [at for at, root in enumerate(roots) if root is None]
        self._lowest = gone[-1] + 1 if gone else 0
        known = [(at, roots[at]) for at in range(len(roots) - 1, self._lowest - 1, -1)]
        runs = [(at, root.tree) for at, root in known if root is not None]
        self._runs: dict[str, Runs] = {"": _merged(runs)}

    def lines(self, paths: Iterable[str]) -> dict[str, str]:
        """Return path → line for the paths (``/usr/bin/x``) that a known line wrote."""
        found = {}
        for path in paths:
            at = self.layer(path)
            if at is not None:
                found[path] = line_of(self._layers[at])
        return found

    def layer(self, path: str) -> int | None:
        """Return the number of the layer that wrote a path last; None when nobody knows."""
        if path.startswith("/usr/etc/"):
            at = self._layer(path[5:])
            if at is not None:
                return at
        return self._layer(path[1:])

    def _layer(self, path: str) -> int | None:
        above, _, name = path.rpartition("/")
        runs = self._folder(above)
        if not runs:
            return None
        value = _standing(self._trees.folder(runs[0][1]), name)
        if value is None:
            return None
        last = runs[0][0]
        for at, tree in runs[1:]:
            if _standing(self._trees.folder(tree), name) != value:
                return last
            last = at
        # One below it that is gone may have written the same already.
        return last if last > self._lowest or self._lowest == 0 else None

    def _folder(self, path: str) -> Runs:
        if path not in self._runs:
            above, _, name = path.rpartition("/")
            inside = []
            for at, tree in self._folder(above):
                found = self._trees.folder(tree).folders.get(name)
                if found is None:
                    break
                inside.append((at, found[0]))
            self._runs[path] = _merged(inside)
        return self._runs[path]


def _standing(folder: Folder, name: str) -> str | None:
    """Return the checksum of a file, or that of a directory's metadata."""
    if name in folder.folders:
        return folder.folders[name][1]
    return folder.files.get(name)


def _merged(runs: Runs) -> Runs:
    made: Runs = []
    for at, tree in runs:
        if made and made[-1][1] == tree:
            made[-1] = (at, tree)
        else:
            made.append((at, tree))
    return made

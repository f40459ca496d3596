"""Say what the bytes of a tree are spent on: by package, by line of a Systemfile, by folder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arkes_build.history.lines import line_of
from arkes_build.history.model import Share
from arkes_build.history.owners import owners
from arkes_build.history.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from arkes_build.history.commits import CommitInfo
    from arkes_build.history.trees import Root, Trees
    from arkes_build.plan.state import Origin
    from arkes_build.project.settings import Budget

PARTS = 24
"""Into how many folders a tree is parted for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The files of a tree: path → bytes, package and line; links have no bytes.

    Paths that no package has, and those whose line nobody knows, are not in ``packages``
    and ``lines``.
    """

    files: Mapping[str, int]
    packages: Mapping[str, str]
    lines: Mapping[str, str]
    briefs: Mapping[str, str] = field(default_factory=dict)
    """Line → what stands there."""

    @property
    def total(self) -> int:
        """Return the bytes of all files, each path counted."""
        return sum(self.files.values())

    def by_package(self) -> tuple[Share, ...]:
        """Return what each package takes, the largest first; no name for what nobody owns."""
        return shares(self.files, self.packages)

    def by_line(self) -> tuple[Share, ...]:
        """Return what each line takes, the largest first; no name where nobody knows."""
        found = shares(self.files, self.lines)
        return tuple(replace(one, detail=self.briefs.get(one.name, "")) for one in found)

    def by_folder(self, parts: int = PARTS) -> tuple[Share, ...]:
        """Part the tree into at most so many folders, each without the others below it."""
        return parted(self.files, parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """One release, what it takes, and what it may take; ``update`` is None when unknown."""

    name: str
    about: CommitInfo
    sizes: Sizes
    budget: Budget
    update: int | None


def tree_sizes(
    trees: Trees, root: Root, layers: Sequence[Origin], roots: Sequence[Root | None]
) -> Sizes:
    """Return the sizes of a tree whose image has these layers, with their trees if known."""
    files = {
        path: trees.size(entry.checksum) for path, entry in trees.walk(root) if not entry.is_folder
    }
    return sizes_of(trees, root, files, layers, roots)


def sizes_of(
    trees: Trees,
    root: Root,
    files: Mapping[str, int],
    layers: Sequence[Origin],
    roots: Sequence[Root | None],
) -> Sizes:
    """Return the sizes of some files (path → bytes) of a tree."""
    return Sizes(
        files=files,
        packages=owners(View(trees, root), files),
        lines=written_by(trees, files, layers, roots),
        briefs={line_of(layer): layer.brief for layer in layers if layer.where},
    )


def written_by(
    trees: Trees,
    paths: Iterable[str],
    layers: Sequence[Origin],
    roots: Sequence[Root | None],
) -> dict[str, str]:
    """Return path → line of the layer that wrote it last, for many paths.

    Each layer is compared with the one below it, so the cost is that of all layers. What
    the lowest has of a tree whose lower layers are gone was written by nobody known.
    """
    last: dict[str, int] = {}
    below: Root | None = None
    for at, root in enumerate(roots):
        if root is None:
            below, last = None, {}
            continue
        known = below is not None or at == 0
        for change in trees.changes(below, root):
            if not known or change.after is None or change.after.is_folder:
                last.pop(change.path, None)
            else:
                last[change.path] = at
        below = root
    names = [line_of(layer) for layer in layers]
    found = {}
    for path in paths:
        made_from = path.removeprefix("/usr") if path.startswith("/usr/etc/") else path
        wrote = last.get(made_from, last.get(path))
        if wrote is not None and names[wrote]:
            found[path] = names[wrote]
    return found


def shares(files: Mapping[str, int], names: Mapping[str, str]) -> tuple[Share, ...]:
    """Add files up by name, the largest first; those without one together, without a name."""
    count: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for path, taken in files.items():
        name = names.get(path, "")
        count[name] += 1
        size[name] += taken
    made = (Share(name=name, files=count[name], size=size[name]) for name in count)
    return tuple(sorted(made, key=lambda share: (-share.size, share.name)))


def parted(files: Mapping[str, int], parts: int) -> tuple[Share, ...]:
    """Part files (path → bytes) into at most so many folders, the largest first.

    Begin with the whole, and again and again part the largest folder into its own.

    Folders with less than a hundredth of all bytes are not told apart: they stay, with a
    folder's own files, under the name of the folder they are in.
    """
    tree = _tree(files)
    least = max(1, tree.size // 100)
    made = {"/": tree}
    while len(made) < parts:
        able = {p: large for p, folder in made.items() if (large := folder.larger_than(least))}
        if not able:
            break
        path = max(able, key=lambda each: (made[each].size, each))
        taken = able[path][: parts - len(made)]
        folder = made[path]
        made[path] = folder.without(taken)
        made |= {f"{path.rstrip('/')}/{name}": folder.inside[name] for name in taken}
    found = (Share(name=path, files=f.files, size=f.size) for path, f in made.items() if f.files)
    return tuple(sorted(found, key=lambda share: (-share.size, share.name)))


class _Folder:
    """Add up what is below a folder."""

    __slots__ = ("files", "inside", "size")

    def __init__(self) -> None:
        self.files = 0
        self.size = 0
        self.inside: dict[str, _Folder] = {}

    def larger_than(self, least: int) -> list[str]:
        """Return the names of its own folders that take so many bytes, the largest first."""
        large = ((-f.size, name) for name, f in self.inside.items() if f.size >= least)
        return [name for _size, name in sorted(large)]

    def without(self, names: Iterable[str]) -> _Folder:
        """Return what is left when some of its own folders are told apart."""
        left = _Folder()
        left.files, left.size = self.files, self.size
        left.inside = dict(self.inside)
        for name in names:
            gone = left.inside.pop(name)
            left.files -= gone.files
            left.size -= gone.size
        return left


def _tree(files: Mapping[str, int]) -> _Folder:
    root = _Folder()
    # By folder first: most files share theirs with many.
    count: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for path, taken in files.items():
        above = path.rpartition("/")[0]
        count[above] += 1
        size[above] += taken
    for above, number in count.items():
        folder = root
        folder.files += number
        folder.size += size[above]
        for name in above.split("/")[1:]:
            folder = folder.inside.setdefault(name, _Folder())
            folder.files += number
            folder.size += size[above]
    return root

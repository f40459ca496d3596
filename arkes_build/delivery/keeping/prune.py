"""Find what nothing keeps any more and take it away, in an order that any kill may cut.

Refs go first, then commits (the oldest first), then directories (the outermost first), then
files. So a commit that is there has its whole tree, and a directory that is there has all it
names, whatever moment the run ends at; the next one finds the rest and goes on.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from arkes_build.delivery.keeping import staging
from arkes_build.delivery.keeping.objects import (
    ABOUT_COMMIT,
    COMMIT,
    FILES,
    META,
    NOTHING,
    PAYLOAD,
    TREE,
    Name,
    Objects,
    Weight,
    files_in,
    remove,
    weigh,
)
from arkes_build.delivery.keeping.reach import Reached, outermost_first
from arkes_build.store import refs
from arkes_build.store.binding import binding, told
from arkes_build.store.errors import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from arkes_build.delivery.keeping.reach import Read, Root
    from arkes_build.delivery.keeping.retention import Line
    from arkes_build.plan.state import Origin


class Committed(Protocol):
    """What must be known of a commit; ``history.commits.CommitInfo`` says it."""

    @property
    def root(self) -> Root:
        """Return the root of its tree."""

    @property
    def layers(self) -> tuple[Origin, ...]:
        """Return the layers of its image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How to read a repository: its folder, one commit, one directory."""

    repository: Path
    commit: Callable[[str], Committed]
    folder: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What nothing keeps, and what each part of it holds. The parts have nothing in common."""

    lines: tuple[Line, ...]
    releases: Mapping[str, Weight]
    """Commit → what goes with it and not with an older one."""
    layers: tuple[str, ...]
    """Chain IDs, digits only, of the layers that no image and no kept release has."""
    layer_weight: Weight
    unreached: Weight
    """What no ref, no release and no layer led to before either."""
    staged: Weight
    """What runs that were killed had not finished."""
    deltas: tuple[str, ...]
    """Folders of static deltas from or to a commit that is gone."""
    delta_weight: Weight
    kept: frozenset[str]
    """The commits that stay, those of layers too."""
    commits: tuple[str, ...]
    """In the order in which they go."""
    trees: frozenset[str]
    others: tuple[Name, ...]

    @property
    def weight(self) -> Weight:
        """Return all of it together."""
        return sum(
            self.releases.values(),
            self.layer_weight + self.unreached + self.staged + self.delta_weight,
        )


def survey(
    source: Source,
    lines: tuple[Line, ...],
    *,
    recorded: Collection[str] = (),
    others: Collection[str] = (),
    deltas: Callable[[Collection[str]], Sequence[str]] = lambda _kept: (),
) -> Garbage:
    """Return what may go; changes nothing.

    ``recorded`` are the chain IDs of layers that images in use have, ``others`` commits that
    stay besides. ``deltas`` says of the commits that stay which folders of static deltas may
    go. Raises ``StoreDamaged`` when something that stays is not whole: then nobody can tell
    what it needs.
    """
    objects = Objects(source.repository)
    listed = objects.listed()
    named = dict(_named(source.repository))
    kept, layers = _kept(source, lines, named, recorded)
    kept |= set(others)
    folders = tuple(deltas(kept))
    reached = Reached()
    for commit in sorted(kept):
        reached.follow(source.commit(commit).root, source.folder)
    going = _Going(source, objects, listed, reached)
    releases = {commit: going.take([commit]) for commit in _oldest_first(lines)}
    layer_commits = sorted({named[refs.layer_ref(layer)] for layer in layers} - kept)
    layer_weight = going.take(layer_commits)
    return Garbage(
        lines=lines,
        releases=releases,
        layers=layers,
        layer_weight=layer_weight,
        unreached=going.rest(kept),
        staged=weigh(staging.files(source.repository)),
        deltas=folders,
        delta_weight=weigh(file for folder in folders for file in files_in(folder)),
        kept=frozenset(kept),
        commits=tuple(going.commits),
        trees=frozenset(going.trees),
        others=tuple(going.others),
    )


def clear(source: Source, repo: Any, garbage: Garbage) -> Weight:
    """Take the garbage away, and return what that freed.

    ``repo`` is libostree's own object of the repository, which the caller has locked.
    """
    objects = Objects(source.repository)
    with told(source.repository.parent, doing="removing what nothing needs"):
        freed = staging.clear(source.repository)
        for layer in garbage.layers:
            repo.set_ref_immediate(None, refs.layer_ref(layer), None, None)
        order = [Name(tree, TREE) for tree in outermost_first(garbage.trees, source.folder)]
        # What is signed goes before what signs it: a bare commit would look like a forged one.
        kinds = (COMMIT, ABOUT_COMMIT)
        commits = [Name(commit, kind) for commit in garbage.commits for kind in kinds]
        freed += objects.remove(commits)
        for commit in garbage.commits:
            remove(str(source.repository / "state" / f"{commit}.commitpartial"))
        objects.sync(commits)
        for folder in garbage.deltas:
            freed += staging.clear_delta(folder)
        freed += objects.remove(order)
        objects.sync(order)
        return freed + objects.remove(garbage.others)


@contextmanager
def locked(repo: Any, store: Path) -> Iterator[None]:
    """Keep every other user of libostree from writing to the repository inside the block."""
    kind = binding().ostree.RepoLockType.EXCLUSIVE
    with told(store, doing="waiting for the repository"):
        repo.lock_push(kind, None)
    try:
        yield
    finally:
        repo.lock_pop(kind, None)


class _Going:
    """Collect what goes, each object with the first that led to it."""

    def __init__(
        self,
        source: Source,
        objects: Objects,
        listed: Mapping[str, set[str]],
        reached: Reached,
    ) -> None:
        self.commits: list[str] = []
        self.trees: list[str] = []
        self.others: list[Name] = []
        self._source = source
        self._objects = objects
        self._listed = listed
        self._reached = reached
        self._file = FILES[1] if listed.get(FILES[1]) else FILES[0]

    def take(self, commits: Iterable[str]) -> Weight:
        """Let these commits go with all that nothing else needs; return what that frees."""
        weight = NOTHING
        for commit in commits:
            found = self._found(commit)
            there = [name for name in found if name.checksum in self._listed.get(name.kind, ())]
            weight += self._let_go(commit) + self._objects.weigh(there)
            self._sort(there)
        return weight

    def rest(self, kept: Collection[str]) -> Weight:
        """Let go what nothing led to; return what that frees."""
        weight = NOTHING
        gone = set(self.commits)
        reached = self._reached
        for commit in sorted(self._listed.get(COMMIT, set()) - set(kept) - gone):
            weight += self._let_go(commit)
            gone.add(commit)
        needed = {TREE: reached.trees, META: reached.metas, PAYLOAD: self._payloads()}
        needed |= {ABOUT_COMMIT: {*kept, *gone}}
        needed |= dict.fromkeys(FILES, reached.files)
        there = [
            Name(checksum, kind)
            for kind, known in needed.items()
            for checksum in sorted(self._listed.get(kind, set()) - known)
        ]
        self._sort(there)
        return weight + self._objects.weigh(there)

    def _found(self, commit: str) -> list[Name]:
        try:
            root = self._source.commit(commit).root
        except StoreDamaged:
            return []  # it goes anyway, and its tree with what nothing led to
        return self._reached.beyond(root, self._source.folder, file=self._file)

    def _let_go(self, commit: str) -> Weight:
        self.commits.append(commit)
        return self._objects.weigh([Name(commit, COMMIT), Name(commit, ABOUT_COMMIT)])

    def _sort(self, names: Iterable[Name]) -> None:
        for name in names:
            if name.kind == TREE:
                self.trees.append(name.checksum)
            else:
                self.others.append(name)

    def _payloads(self) -> set[str]:
        """Return the payload links whose files stay."""
        going = {name.checksum for name in self.others if name.kind in FILES}
        stay = self._reached.files - going
        links = self._listed.get(PAYLOAD, set())
        return {link for link in links if self._objects.payload_of(link) in stay}


def _kept(
    source: Source,
    lines: Iterable[Line],
    named: Mapping[str, str],
    recorded: Collection[str],
) -> tuple[set[str], tuple[str, ...]]:
    """Return the commits that stay, and the layers that do not."""
    kept = {commit for line in lines for commit in line.kept}
    kept |= {
        commit
        for ref, commit in named.items()
        if not refs.is_of_node(ref) and not ref.startswith(f"{refs.LAYERS}/")
    }
    wanted = {chain_id.removeprefix("sha256:") for chain_id in recorded}
    for commit in kept:
        wanted |= {one.chain_id.removeprefix("sha256:") for one in source.commit(commit).layers}
    layers = {ref.partition("/")[2]: commit for ref, commit in named.items() if _is_layer(ref)}
    kept |= {commit for layer, commit in layers.items() if layer in wanted}
    return kept, tuple(sorted(layers.keys() - wanted))


def _is_layer(ref: str) -> bool:
    first, _, rest = ref.partition("/")
    return first == refs.LAYERS and refs.CHECKSUM.fullmatch(rest) is not None


def _named(repository: Path) -> Iterator[tuple[str, str]]:
    """Give every ref whose commit is there: heads by their name, others with ``:`` before it."""
    for kind, mark in (("heads", ""), ("remotes", ":"), ("mirrors", ":")):
        folder = repository / "refs" / kind
        for path in sorted(files_in(str(folder))):
            ref = os.path.relpath(path, folder)
            commit = refs.commit_in(repository, Path(path))
            if commit:
                yield mark + ref, commit


def _oldest_first(lines: Iterable[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(commit for line in lines for commit in reversed(line.removed)))

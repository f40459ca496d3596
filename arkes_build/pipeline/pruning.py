"""Remove the releases that retention lets go, and all that nothing needs any more."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import Notice, silent
from arkes_build.delivery.keeping import prune as pruning
from arkes_build.delivery.keeping.objects import NOTHING, Weight, remove, weigh
from arkes_build.delivery.keeping.pruned import Part, Pruned
from arkes_build.delivery.keeping.retention import retained
from arkes_build.delivery.publishing import summary
from arkes_build.delivery.publishing.destination import alone, look
from arkes_build.delivery.soundness import delta_files
from arkes_build.history.commits import History
from arkes_build.pipeline.opening import open_store
from arkes_build.store.leftovers import Kind, leftovers, records
from arkes_build.store.pins import pins
from arkes_build.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.delivery.keeping.prune import Garbage
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.store.leftovers import Leftover
    from arkes_build.store.model import Holder


def prune(
    options: Options,
    sink: Sink = silent,
    *,
    downloads: bool = False,
    published: Path | None = None,
) -> Pruned:
    """Prune the store, or say what would go when the options mean a dry run.

    With ``downloads`` what the bootstrap fetched goes as well. ``published`` is a folder
    that was published to, which is pruned instead of the store. Holds its lock and the
    repository's; a dry run waits for nobody. Raises ``StoreDamaged`` before anything is
    removed when something that stays is not whole, ``NotPublished`` for another folder.
    """
    opened = open_store(options)
    if published is not None:
        return _prune(_Served(opened, published.absolute()), sink, is_dry=options.dry_run)
    if not opened.store.has_repository:
        return Pruned(repository=str(opened.repository), is_dry=options.dry_run)
    place = _Own(opened, downloads=downloads)
    return _prune(place, sink, is_dry=options.dry_run)


class NotPublished(ArkesError):
    """Report a folder that nothing was published to."""

    exit_code = ExitCode.STORE

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"nothing was published to {path}",
            resolution="--repo names a folder that `arkes-build publish` wrote",
        )


class _Place(Protocol):
    """What is pruned: a store, or a folder that was published to."""

    @property
    def repository(self) -> Path:
        """Return the folder of the OSTree repository."""

    def lock(self, sink: Sink) -> AbstractContextManager[object]:
        """Hold it alone."""

    def survey(self, history: History) -> tuple[Garbage, tuple[Leftover, ...]]:
        """Return what may go."""

    def pinned(self) -> dict[str, str]:
        """Return commit → note of what is pinned."""


def _prune(place: _Place, sink: Sink, *, is_dry: bool) -> Pruned:
    if is_dry:
        return _pruned(place, *place.survey(History(place.repository)))
    with ExitStack() as stack:
        stack.enter_context(place.lock(sink))
        history = History(place.repository)
        stack.enter_context(pruning.locked(history.repo, place.repository.parent))
        garbage, rest = place.survey(history)
        told = _pruned(place, garbage, rest)
        if told.freed.files:
            sink(Notice(message=f"removing {told.freed.files} files"))
        freed = pruning.clear(_source(history), history.repo, garbage)
        freed += _removed(rest)
    return replace(told, is_dry=False, freed=freed)


class _Own(_Place):
    """The store."""

    def __init__(self, opened: Opened, *, downloads: bool) -> None:
        self._opened = opened
        self._downloads = downloads

    @property
    def repository(self) -> Path:
        return self._opened.repository

    def lock(self, sink: Sink) -> AbstractContextManager[object]:
        store = Store(self._opened.store.path, read_only=False)
        return store.lock(lambda holder: _say_who(sink, "the store", holder))

    def pinned(self) -> dict[str, str]:
        return pins(self.repository)

    def survey(self, history: History) -> tuple[Garbage, tuple[Leftover, ...]]:
        pinned = self.pinned()
        lines = retained(history, self._opened.config, pinned)
        recorded, gone = records(self._opened.store)
        garbage = pruning.survey(
            _source(history),
            lines,
            recorded={layer for record in recorded.values() for layer in record.layers},
        )
        stay = {*pinned, *(commit for line in lines for commit in line.kept)}
        rest = leftovers(
            self._opened.store.path,
            gone=gone,
            recorded=recorded,
            keys={history.commit(commit).key for commit in stay},
            downloads=self._downloads,
        )
        return garbage, rest


class _Served(_Place):
    """A folder that was published to. What is pinned in the store is pinned here too."""

    def __init__(self, opened: Opened, path: Path) -> None:
        project = opened.config.project.name
        if look(path, project) is None:
            raise NotPublished(path)
        self._opened = opened
        self._project = project
        self.path = path

    @property
    def repository(self) -> Path:
        return self.path

    def lock(self, sink: Sink) -> AbstractContextManager[object]:
        return alone(self.path, self._project, lambda holder: _say_who(sink, self.path, holder))

    def pinned(self) -> dict[str, str]:
        return pins(self.path) | pins(self._opened.repository)

    def survey(self, history: History) -> tuple[Garbage, tuple[Leftover, ...]]:
        there = {commit: note for commit, note in self.pinned().items() if history.has(commit)}
        lines = retained(history, self._opened.config, there)
        remembered = look(self.path, self._project)
        # A client may have begun with one of these; the next publish removes them.
        leaving = {one for one in remembered.leaving if history.has(one)} if remembered else set()
        source = _source(history)
        garbage = pruning.survey(source, lines, others=leaving, deltas=self._deltas)
        return garbage, ()

    def _deltas(self, kept: Collection[str]) -> list[str]:
        """Return the deltas from or to what is gone, but for those that clients are told of."""
        listed = summary.listed(self.path)[1]
        found = delta_files.deltas(self.path)
        return [
            str(folder)
            for name, folder in found.items()
            if name not in listed and not set(name.split("-")) <= set(kept)
        ]


def _source(history: History) -> pruning.Source:
    return pruning.Source(
        repository=history.path, commit=history.commit, folder=history.trees.folder
    )


def _pruned(place: _Place, garbage: Garbage, rest: Iterable[Leftover]) -> Pruned:
    """Return what would go, with the weights of a dry run."""
    files: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for one in rest:
        files[one.kind].append(one.path)
    parts = [
        *_parts(garbage),
        *(
            Part(name=kind.value, count=len(paths), weight=weigh(paths))
            for kind, paths in files.items()
        ),
    ]
    return Pruned(
        repository=str(place.repository),
        is_dry=True,
        lines=garbage.lines,
        releases=garbage.releases,
        pinned=place.pinned(),
        parts=tuple(part for part in parts if part.count),
        freed=sum((part.weight for part in parts), _sum(garbage.releases)),
    )


def _parts(garbage: Garbage) -> tuple[Part, ...]:
    return (
        Part(name="layers", count=len(garbage.layers), weight=garbage.layer_weight),
        Part(name="deltas", count=len(garbage.deltas), weight=garbage.delta_weight),
        Part(name="unreached", count=garbage.unreached.files, weight=garbage.unreached),
        Part(name="unfinished", count=garbage.staged.files, weight=garbage.staged),
    )


def _sum(weights: Mapping[str, Weight]) -> Weight:
    return sum(weights.values(), NOTHING)


def _removed(rest: Iterable[Leftover]) -> Weight:
    return sum((remove(one.path) for one in rest), NOTHING)


def _say_who(sink: Sink, what: Path | str, holder: Holder | None) -> None:
    sink(Notice(message=f"waiting for {what}: {holder or 'another run'} holds it"))

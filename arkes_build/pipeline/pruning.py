"""Remove the releases that retention lets go, and all that nothing needs any more."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.core.events import Notice, silent
from arkes_build.delivery import prune as pruning
from arkes_build.delivery.objects import NOTHING, Weight, remove, weigh
from arkes_build.delivery.pruned import Part, Pruned
from arkes_build.delivery.retention import retained
from arkes_build.history.commits import History
from arkes_build.pipeline.opening import open_store
from arkes_build.store.leftovers import Kind, leftovers, records
from arkes_build.store.pins import pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from arkes_build.core.events import Sink
    from arkes_build.delivery.prune import Garbage
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.store.leftovers import Leftover
    from arkes_build.store.model import Holder


def prune(options: Options, sink: Sink = silent, *, downloads: bool = False) -> Pruned:
    """Prune the store, or say what would go when the options mean a dry run.

    With ``downloads`` what the bootstrap fetched goes as well. Holds the store's lock and
    the repository's; a dry run waits for nobody. Raises ``StoreDamaged`` before anything
    is removed when something that stays is not whole.
    """
    opened = open_store(options)
    if not opened.store.has_repository:
        return Pruned(repository=str(opened.repository), is_dry=options.dry_run)
    if options.dry_run:
        return _pruned(opened, *_survey(opened, History(opened.repository), downloads=downloads))
    opened = open_store(options, read_only=False)
    with ExitStack() as stack:
        stack.enter_context(opened.store.lock(lambda holder: _say_who(sink, holder)))
        history = History(opened.repository)
        stack.enter_context(pruning.locked(history.repo, opened.store.path))
        garbage, rest = _survey(opened, history, downloads=downloads)
        told = _pruned(opened, garbage, rest)
        if told.freed.files:
            sink(Notice(message=f"removing {told.freed.files} files"))
        freed = pruning.clear(_source(history), history.repo, garbage)
        freed += _removed(rest)
    return replace(told, is_dry=False, freed=freed)


def _survey(
    opened: Opened, history: History, *, downloads: bool
) -> tuple[Garbage, tuple[Leftover, ...]]:
    pinned = pins(opened.repository)
    lines = retained(history, opened.config, pinned)
    recorded, gone = records(opened.store)
    garbage = pruning.survey(
        _source(history),
        lines,
        recorded={layer for record in recorded.values() for layer in record.layers},
    )
    stay = {*pinned, *(commit for line in lines for commit in line.kept)}
    rest = leftovers(
        opened.store.path,
        gone=gone,
        recorded=recorded,
        keys={history.commit(commit).key for commit in stay},
        downloads=downloads,
    )
    return garbage, rest


def _source(history: History) -> pruning.Source:
    return pruning.Source(
        repository=history.path, commit=history.commit, folder=history.trees.folder
    )


def _pruned(opened: Opened, garbage: Garbage, rest: Iterable[Leftover]) -> Pruned:
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
        repository=str(opened.repository),
        is_dry=True,
        lines=garbage.lines,
        releases=garbage.releases,
        pinned=pins(opened.repository),
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


def _say_who(sink: Sink, holder: Holder | None) -> None:
    sink(Notice(message=f"waiting for the store: {holder or 'another run'} holds it"))

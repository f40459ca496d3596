"""Take away what the last generation had and this one has not, and what killed runs left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.keeping import prune as pruning
from arkes_build.delivery.keeping import staging
from arkes_build.delivery.keeping.objects import NOTHING, Weight
from arkes_build.delivery.keeping.retention import Line, Release, Why
from arkes_build.delivery.publishing import deltas
from arkes_build.delivery.publishing.published import Removed
from arkes_build.delivery.publishing.summary import GENERATIONS, generations
from arkes_build.delivery.publishing.transfer import object_path
from arkes_build.project.settings import Retention

if TYPE_CHECKING:
    from collections.abc import Collection

    from arkes_build.delivery.keeping.prune import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Staying:
    """What must not go: for this generation, and for the one that clients may still be at.

    ``deltas`` are names, ``generations`` folders of ``summaries``; ``going`` are commits
    that nobody can be at any more.
    """

    deltas: Collection[str]
    generations: Collection[str]
    commits: Collection[str]
    going: Collection[str]


def sweep(source: Source, repo: Any, staying: Staying, *, is_unfinished: bool) -> Removed:
    """Remove what does not stay.

    Objects are looked through only when commits go, or when a killed run may have left some
    (``is_unfinished``): that takes as long as the repository is large.
    """
    repository = source.repository
    names = frozenset(deltas.pair_of(name).folder for name in staying.deltas)
    freed, count = NOTHING, 0
    for folder in deltas.there(repository):
        if str(folder.relative_to(repository)) not in names:
            freed += staging.clear_delta(str(folder))
            count += 1
    for name in sorted(generations(repository)[0] - set(staying.generations)):
        shutil.rmtree(repository / GENERATIONS / name, ignore_errors=True)
    going = [one for one in staying.going if (repository / object_path(one, "commit")).exists()]
    if going or is_unfinished:
        freed += _prune(source, repo, staying)
    return Removed(deltas=count, commits=len(going), bytes=freed.size)


def _prune(source: Source, repo: Any, staying: Staying) -> Weight:
    there = sorted(
        one for one in staying.commits if (source.repository / object_path(one, "commit")).exists()
    )
    line = Line(
        ref="",
        node="",
        rule=Retention(),
        releases=tuple(
            Release(commit=one, timestamp=0, version="", why=(Why.NEWEST,)) for one in there
        ),
    )
    with pruning.locked(repo, source.repository):
        return pruning.clear(source, repo, pruning.survey(source, (line,)))

"""Make a release's forecast: compare its tree, before it is committed, with earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.cost import weigh
from arkes_build.history.facts import committed
from arkes_build.history.fitting import fitted
from arkes_build.history.forecast import Forecast, ForecastUnreadable, Since, ordered, parse
from arkes_build.history.model import NameChange
from arkes_build.history.notable import notable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.cost import Coster, Weight
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.model import PathChange
    from arkes_build.history.trees import Trees


def foresee(
    trees: Trees,
    made: TreeFacts,
    releases: Iterable[CommitInfo],
    *,
    weight: Weight,
    coster: Coster,
) -> Forecast:
    """Return what a tree changes for those who have one of ``releases``, the newest first.

    Raises what reading a damaged release raises: ``StoreDamaged``, ``ContentUnreadable``.
    """
    since = tuple(_since(trees, made, info, coster) for info in releases)
    return fitted(Forecast(files=weight.files, bytes=weight.bytes, since=since))


def _since(trees: Trees, made: TreeFacts, info: CommitInfo, coster: Coster) -> Since:
    told = notable(trees, committed(trees, info), made)
    return Since(
        commit=info.checksum,
        version=info.version,
        timestamp=info.timestamp,
        cost=coster.cost(info.root, made.root),
        packages=ordered(told.packages),
        etc=ordered(_default(change) for change in told.etc),
        units=ordered(told.units),
        users=ordered(told.users),
        kernel_arguments=ordered(told.kernel_arguments),
        kernel=told.kernel,
    )


def _default(change: PathChange) -> NameChange:
    return NameChange(name=change.path.removeprefix("/etc/"), kind=change.kind)


def told_by(info: CommitInfo) -> Forecast | None:
    """Return the forecast that a commit carries; None without one that can be read."""
    try:
        return parse(info.forecast) if info.forecast else None
    except ForecastUnreadable:
        return None


def tree_bytes(history: History, commit: str) -> int:
    """Return the bytes of a commit's tree, as it says or as they are counted."""
    info = history.commit(commit)
    told = told_by(info)
    return told.bytes if told else weigh(history.trees, info.root).bytes

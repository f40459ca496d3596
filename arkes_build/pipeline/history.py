"""Compare what was built: releases, nodes, images of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.changes import compare
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.history.facts import committed
from arkes_build.pipeline.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.model import Changes
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options


def diff(
    options: Options,
    before: str,
    after: str,
    *,
    measure: bool = False,
    published: Path | None = None,
) -> Changes:
    """Compare two trees of the project's store.

    Each is a node, a ref, a commit (``base^`` is the one before). Without ``after`` the
    first is compared with the release before it. ``published`` is a repository that is
    served: it says what is downloaded. Raises ``CommitUnknown``.
    """
    opened = open_store(options)
    if not opened.store.has_repository:
        raise CommitUnknown(before, why="nothing was built here yet")
    history = History(opened.repository)
    names = (before, after) if after else (f"{before}^", before)
    one, other = (_facts(opened, history, name) for name in names)
    return compare(
        history,
        one,
        other,
        measure=measure,
        published=History(published) if published else None,
    )


def _facts(opened: Opened, history: History, name: str) -> TreeFacts:
    del opened
    return committed(history.trees, history.commit(history.resolve(name)), name)

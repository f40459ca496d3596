"""Compare what was built: releases, nodes, images of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.events import silent
from arkes_build.history.changes import compare
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.history.facts import committed
from arkes_build.pipeline.images import Images
from arkes_build.pipeline.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.engine.protocol import Engine
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.model import Changes
    from arkes_build.pipeline.options import Options


def diff(
    options: Options,
    before: str,
    after: str = "",
    sink: Sink = silent,
    *,
    measure: bool = False,
    published: Path | None = None,
    start_engine: Callable[[], Engine] | None = None,
) -> Changes:
    """Compare two trees of the project's store.

    Each is a node, a ref, a commit (``base^`` is the one before), or an image of the engine.
    Without ``after`` the first is compared with the release before it. ``published`` is a
    repository that is served: it says what is downloaded. Raises ``CommitUnknown``.
    """
    opened = open_store(options)
    history = opened.history(before)
    served = History(published) if published else None
    names = (before, after) if after else (f"{before}^", before)
    images = Images(options, opened, history, sink, start=start_engine)
    try:
        one, other = (_facts(history, images, name) for name in names)
    finally:
        images.close()
    return compare(history, one, other, measure=measure, published=served)


def _facts(history: History, images: Images, name: str) -> TreeFacts:
    try:
        return committed(history.trees, history.commit(history.resolve(name)), name)
    except CommitUnknown as unknown:
        return images.facts(name, unknown)

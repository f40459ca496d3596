"""Open the store, and say what a release's bytes are spent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.foreseeing import told_by
from arkes_build.history.lines import layer_roots
from arkes_build.history.sizes import Spending, tree_sizes
from arkes_build.pipeline.opening import open_store

if TYPE_CHECKING:
    from arkes_build.pipeline.options import Options


def spending(options: Options, name: str) -> Spending:
    """Return the sizes of the release that a name means. Raises ``CommitUnknown``."""
    opened = open_store(options)
    history = opened.history(name)
    about = history.commit(history.resolve(name))
    roots = layer_roots(history, about.layers)
    told = told_by(about)
    since = [one for one in told.since if one.commit == about.parent] if told else []
    return Spending(
        name=name,
        about=about,
        sizes=tree_sizes(history.trees, about.root, about.layers, roots),
        budget=opened.config.budget_of(about.node),
        update=since[0].cost.object_bytes if since else None,
    )

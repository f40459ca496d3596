"""Say for a node's commit, while it is made, what it changes, and hold it against its budget."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.cost import Coster, Weight
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.forecast import Forecast
    from arkes_build.history.trees import Root, Trees
    from arkes_build.pipeline.budgets import Judge
    from arkes_build.plan.state import Origin
    from arkes_build.store.model import Note


class Foresight:
    """A ``Forecaster`` for one commit, and what the commit's tree weighs.

    ``from_last`` is how many releases it looks back to; ``near`` are commits whose trees
    are much like the one to come: those it stands on. ``packages`` and ``layers`` are those
    of the image.
    """

    def __init__(
        self,
        repository: Path,
        *,
        from_last: int,
        near: Sequence[str],
        packages: tuple[str, ...],
        layers: tuple[Origin, ...],
        judge: Judge,
        note: Note,
    ) -> None:
        self._repository = repository
        self._from_last = from_last
        self._near = near
        self._packages = packages
        self._layers = layers
        self._judge = judge
        self._note = note
        self.tree_bytes = 0
        """What the tree weighs, 0 until somebody asked."""

    def __call__(self, tree: str, meta: str, parent: str) -> str:
        """Return the forecast's JSON; raises ``BudgetExceeded``.

        Where the store is damaged the commit says nothing: that is for others to find and
        to repair, and what is built now may be what repairs it.
        """
        from arkes_build.core.errors import ArkesError
        from arkes_build.pipeline.budgets import BudgetExceeded

        try:
            return self._text(tree, meta, parent)
        except BudgetExceeded:
            raise
        except (ArkesError, OSError) as error:
            self._note(f"its commit does not say what changed: {error}")
            return ""

    def _text(self, tree: str, meta: str, parent: str) -> str:
        from arkes_build.history.commits import History
        from arkes_build.history.cost import Coster
        from arkes_build.history.forecast import text
        from arkes_build.history.trees import Root, Trees

        history = History(self._repository)
        trees = Trees(self._repository, staged=True)
        made = self._facts(trees, Root(tree, meta))
        before = list(islice(history.releases(parent), max(self._from_last, 1))) if parent else []
        weight = weight_of(trees, made.root, (*before[:1], *self._neighbours(history)))
        self.tree_bytes = weight.bytes
        coster = Coster(trees)
        self._judge.look(history, trees, made, before[0] if before else None, weight, coster)
        return text(self._forecast(trees, made, before[: self._from_last], weight, coster))

    def settle(self, commit: str) -> None:
        """Look at a commit that was there before, and what it weighs.

        Its budget is looked at with its record, as for every node that is as it was.
        """
        from arkes_build.history.commits import History
        from arkes_build.history.foreseeing import tree_bytes

        self.tree_bytes = tree_bytes(History(self._repository), commit)

    def _facts(self, trees: Trees, root: Root) -> TreeFacts:
        from arkes_build.history.facts import TreeFacts, kernel_of
        from arkes_build.history.view import View

        return TreeFacts(
            root=root,
            packages=self._packages,
            kernel=kernel_of(View(trees, root)),
            layers=self._layers,
        )

    def _neighbours(self, history: History) -> Iterator[CommitInfo]:
        return (history.commit(commit) for commit in self._near if history.has(commit))

    def _forecast(
        self,
        trees: Trees,
        made: TreeFacts,
        releases: Sequence[CommitInfo],
        weight: Weight,
        coster: Coster,
    ) -> Forecast:
        """Look back as far as the releases can be read: an old damage must not stop a build."""
        from arkes_build.core.errors import ArkesError
        from arkes_build.history.foreseeing import foresee

        for count in range(len(releases), 0, -1):
            try:
                return foresee(trees, made, releases[:count], weight=weight, coster=coster)
            except ArkesError as error:
                oldest = releases[count - 1].checksum[:12]
                self._note(f"its commit does not say what changed since {oldest}: {error}")
        return foresee(trees, made, (), weight=weight, coster=coster)


def weight_of(trees: Trees, root: Root, near: Iterable[CommitInfo]) -> Weight:
    """Return what a tree weighs, counted from the first of ``near`` that tells its own weight.

    Without any, or when that one cannot be read, the whole tree is looked at.
    """
    from arkes_build.core.errors import ArkesError
    from arkes_build.history.cost import Weight, weigh
    from arkes_build.history.foreseeing import told_by

    for info in near:
        told = told_by(info)
        if told is not None:
            known = Weight(files=told.files, bytes=told.bytes)
            try:
                return weigh(trees, root, (info.root, known))
            except ArkesError:
                break
    return weigh(trees, root)

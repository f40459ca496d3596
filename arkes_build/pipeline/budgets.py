"""Hold a node's size against what ``arkes.toml`` allows, and say what spent too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import amount
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from arkes_build.core.source import Span
    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.cost import Coster, Weight
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.trees import Trees
    from arkes_build.pipeline.spending import Spent
    from arkes_build.plan.state import Record
    from arkes_build.project.model import Project
    from arkes_build.project.settings import Config

IMAGE, UPDATE = "image", "update"
MOST = 5
"""Packages and lines that are named."""


class BudgetExceeded(ArkesError):
    """Report a node that is larger than the project allows, and what made it so."""

    exit_code = ExitCode.BUDGET

    def __init__(
        self,
        node: str,
        *,
        what: str,
        allowed: int,
        actual: int,
        spent: Sequence[Spent] = (),
        where: Span | None = None,
    ) -> None:
        subject = f"an update of {node}" if what == UPDATE else node
        is_binary = where is not None and "iB" in where.source.line(where.line)
        taken, limit, over = (
            amount(count, is_binary=is_binary) for count in (actual, allowed, actual - allowed)
        )
        share = (actual - allowed) * 100 / allowed if allowed else 100.0
        super().__init__(
            f"{subject} takes {taken}, {over} ({share:.1f} %) more than its budget of {limit}",
            details="\n".join(line for each in spent for line in rows(each, is_binary=is_binary)),
            resolution="spend less, or raise the budget in arkes.toml; "
            f"`arkes-build size {node}` shows what the last release spent",
            where=where,
        )
        self.node = node
        self.what = what
        self.allowed = allowed
        self.actual = actual


class Judge:
    """Hold one node against its budget. ``root`` is the project's folder."""

    def __init__(self, config: Config, root: Path, node: str) -> None:
        self._root = root
        self._node = node
        self._budget = config.budget_of(node)

    def look(
        self,
        history: History,
        trees: Trees,
        made: TreeFacts,
        before: CommitInfo | None,
        weight: Weight,
        coster: Coster,
    ) -> None:
        """Raise ``BudgetExceeded`` when the tree, or the way to it from ``before``, is too large.

        The first release has no update.
        """
        from arkes_build.pipeline.spending import grown, of_tree, of_update

        image, update = self._budget.image, self._budget.update
        if image is not None and weight.bytes > image:
            spent = of_tree(history, trees, made)
            spent += grown(trees, made, before) if before else []
            raise self._exceeded(IMAGE, image, weight.bytes, spent)
        if update is None or before is None:
            return
        cost = coster.cost(before.root, made.root)
        if cost.object_bytes > update:
            spent = of_update(history, trees, made, before)
            raise self._exceeded(UPDATE, update, cost.object_bytes, spent)

    def look_at_weight(self, weight: int, spent: Callable[[], Sequence[Spent]] = tuple) -> None:
        """Raise ``BudgetExceeded`` for a tree of so many bytes that was made before."""
        image = self._budget.image
        if image is not None and weight > image:
            raise self._exceeded(IMAGE, image, weight, spent())

    def _exceeded(
        self, what: str, allowed: int, actual: int, spent: Sequence[Spent]
    ) -> BudgetExceeded:
        return BudgetExceeded(
            self._node,
            what=what,
            allowed=allowed,
            actual=actual,
            spent=spent,
            where=place(self._root, self._node, what),
        )


def over_budget(project: Project, repository: Path, record: Record) -> BudgetExceeded | None:
    """Return the error for a node that was built before, and is larger than is allowed now.

    Only the image counts: an update that was made is in the world, whatever it costs. The
    repository is only looked into for a record that does not say what the tree weighs, and
    for what spent too much.
    """
    if project.config.budget_of(record.node).image is None:
        return None
    weight = record.tree_bytes or _weight(repository, record.commit)
    judge = Judge(project.config, project.root, record.node)
    try:
        judge.look_at_weight(weight, lambda: _spent(repository, record.commit))
    except BudgetExceeded as error:
        return error
    return None


def _weight(repository: Path, commit: str) -> int:
    from arkes_build.history.commits import History
    from arkes_build.history.foreseeing import tree_bytes

    return tree_bytes(History(repository), commit)


def _spent(repository: Path, commit: str) -> Sequence[Spent]:
    from arkes_build.history.commits import History
    from arkes_build.history.facts import committed
    from arkes_build.pipeline.spending import of_tree

    history = History(repository)
    return of_tree(history, history.trees, committed(history.trees, history.commit(commit)))


def place(root: Path, node: str, what: str) -> Span | None:
    """Return where ``arkes.toml`` says the budget; None when the file is not that any more."""
    from arkes_build.core.source import Source
    from arkes_build.project.places import key_places

    try:
        text = (root / "arkes.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    source = Source("arkes.toml", text)
    places = key_places(text)
    for name in (node, "*"):
        if ("budgets", name) in places:
            found = places.get(("budgets", name, what))
            return source.span(*found) if found else None
    return None


def rows(spent: Spent, *, is_binary: bool) -> list[str]:
    """Return lines that name the largest shares, with their title."""
    title, found = spent
    shown = found[:MOST]
    sizes = [amount(share.size, is_binary=is_binary) for share in shown]
    wide = max(map(len, sizes), default=0)
    names = [f"{share.name}  {share.detail}".rstrip() for share in shown]
    lines = [f"  {size:>{wide}}  {name}" for size, name in zip(sizes, names, strict=True)]
    return [title, *lines] if lines else []

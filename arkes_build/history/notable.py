"""Tell what people want to know of a change, before any file is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.history.accounts import account_changes
from arkes_build.history.etc import etc_changes
from arkes_build.history.kargs import karg_changes
from arkes_build.history.packages import order_of, package_changes
from arkes_build.history.units import unit_changes
from arkes_build.history.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.model import NameChange, PackageChange, PathChange
    from arkes_build.history.trees import Change, Trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Notable:
    """The changes that have names; ``kernel`` is None when it is the same."""

    packages: tuple[PackageChange, ...]
    etc: tuple[PathChange, ...]
    units: tuple[NameChange, ...]
    users: tuple[NameChange, ...]
    kernel_arguments: tuple[NameChange, ...]
    kernel: tuple[str, str] | None


def notable(
    trees: Trees, before: TreeFacts, after: TreeFacts, changed: Sequence[Change] | None = None
) -> Notable:
    """Compare two trees; ``changed`` is what ``trees.changes`` gave, if it is known already.

    The trees need no commit: what is open in a transaction will do, if ``trees`` sees it.
    """
    if changed is None:
        changed = tuple(trees.changes(before.root, after.root))
    old, new = View(trees, before.root), View(trees, after.root)
    order = order_of(View(trees, before.database), View(trees, after.database))
    return Notable(
        packages=package_changes(before.packages, after.packages, order),
        etc=etc_changes(changed, new.files),
        units=unit_changes(changed, old, new),
        users=account_changes(changed, old, new),
        kernel_arguments=karg_changes(changed, old, new),
        kernel=None if before.kernel == after.kernel else (before.kernel, after.kernel),
    )

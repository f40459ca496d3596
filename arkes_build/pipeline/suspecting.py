"""Name what came in between the last commit of a node that passed and one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.history.packages import order_of, package_changes
from arkes_build.history.view import View
from arkes_build.trial import records

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.model import PackageChange

MOST_LOOKED_AT = 100
"""Releases back: a node that never passed in so many has no suspects."""


def suspects(history: History, tests: Path, commit: CommitInfo) -> tuple[str, ...]:
    """Return the packages that differ from the last commit that passed, in words.

    None without such a commit; a line that says so when no package differs.
    """
    good = _last_good(history, tests, commit)
    if good is None:
        return ()
    order = order_of(View(history.trees, good.root), View(history.trees, commit.root))
    changed = package_changes(good.packages, commit.packages, order)
    since = f"{good.checksum[:12]} ({good.version or 'no version'}) passed"
    if not changed:
        return (f"{since}; no package differs: look at the project's own files",)
    return (since, *(_words(one) for one in changed))


def _last_good(history: History, tests: Path, commit: CommitInfo) -> CommitInfo | None:
    for number, release in enumerate(history.releases(commit.checksum)):
        if number > MOST_LOOKED_AT:
            return None
        record = records.read(tests, release.node, release.checksum)
        if number and record is not None and record.has_passed:
            return release
    return None


def _words(change: PackageChange) -> str:
    if not change.before:
        return f"{change.name} {change.after} came"
    if not change.after:
        return f"{change.name} {change.before} went"
    return f"{change.name} {change.before} → {change.after}"

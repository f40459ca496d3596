"""Compare two trees: what changed, whose it is, who wrote it, and what the way takes.

1. Paths that differ, by the checksums of directories and files alone.
2. What among them has a name: packages, defaults, units, users, the kernel.
3. For these paths, not for the others: the bytes, the package and the line.
4. The objects, the delta and the layers that a machine would fetch.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from arkes_build.history.download import download
from arkes_build.history.etc import kind_of, path_in_etc
from arkes_build.history.facts import committed
from arkes_build.history.lines import Lines, layer_roots, line_of
from arkes_build.history.model import Changes, Kind, PathChange, Share
from arkes_build.history.notable import notable
from arkes_build.history.owners import owners
from arkes_build.history.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from arkes_build.history.commits import History
    from arkes_build.history.facts import TreeFacts
    from arkes_build.history.trees import Change


def changes(
    history: History,
    before: str,
    after: str,
    *,
    measure: bool = False,
    published: History | None = None,
) -> Changes:
    """Compare two commits by their checksums. Raises ``CommitUnknown``, ``StoreDamaged``.

    ``published`` is a repository that is served: what it has need not be compressed here
    to know its bytes. ``measure`` compresses whatever is left.
    """
    one, other = (committed(history.trees, history.commit(each)) for each in (before, after))
    return compare(history, one, other, measure=measure, published=published)


def compare(
    history: History,
    before: TreeFacts,
    after: TreeFacts,
    *,
    measure: bool = False,
    published: History | None = None,
) -> Changes:
    """Compare two trees of a repository, whether commits have them or not."""
    with _uncollected():
        return _compare(history, before, after, measure=measure, published=published)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles away: there are none, in a hundred thousand values."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compare(
    history: History,
    before: TreeFacts,
    after: TreeFacts,
    *,
    measure: bool,
    published: History | None,
) -> Changes:
    before, after = _named_alike(before, after), _named_alike(after, before)
    changed = tuple(history.trees.changes(before.root, after.root))
    told = notable(history.trees, before, after, changed)
    files = _files(history, before, after, changed)
    known = {one.path: one for one in files}
    briefs = {line_of(one): one.brief for one in (*before.layers, *after.layers) if one.where}
    return Changes(
        before=before.side,
        after=after.side,
        packages=told.packages,
        etc=tuple(_with_owner(one, known) for one in told.etc),
        units=told.units,
        users=told.users,
        kernel_arguments=told.kernel_arguments,
        files=files,
        by_package=_shares(files, attrgetter("package"), {}),
        by_line=_shares(files, attrgetter("line"), briefs),
        download=download(history, before, after, measure=measure, published=published),
    )


def _named_alike(facts: TreeFacts, other: TreeFacts) -> TreeFacts:
    """Give layers that nobody named the names they have on the other side: a chain is itself."""
    known = {one.chain_id: one for one in other.layers if one.node}
    layers = tuple(one if one.node else known.get(one.chain_id, one) for one in facts.layers)
    return replace(facts, layers=layers)


def _files(
    history: History, before: TreeFacts, after: TreeFacts, changed: Sequence[Change]
) -> tuple[PathChange, ...]:
    gone = [one.path for one in changed if one.after is None]
    here = [one.path for one in changed if one.after is not None]
    packages = _packages(history, before, gone) | _packages(history, after, here)
    lines = _lines(history, before, gone) | _lines(history, after, here)
    size = history.trees.size
    made = []
    for change in changed:
        entry = change.after or change.before
        if entry is None:
            continue
        made.append(
            PathChange(
                path=change.path,
                kind=kind_of(change),
                size=0 if entry.is_folder else size(entry.checksum),
                package=packages.get(change.path, ""),
                line=lines.get(change.path, ""),
                is_folder=entry.is_folder,
            )
        )
    made.sort(key=attrgetter("path"))
    return tuple(made)


def _packages(history: History, facts: TreeFacts, paths: list[str]) -> dict[str, str]:
    return owners(View(history.trees, facts.database), paths) if paths else {}


def _lines(history: History, facts: TreeFacts, paths: list[str]) -> dict[str, str]:
    if not paths or not facts.layers:
        return {}
    return Lines(history.trees, facts.layers, layer_roots(history, facts.layers)).lines(paths)


def _with_owner(change: PathChange, known: dict[str, PathChange]) -> PathChange:
    found = known.get(f"/usr{change.path}") or known.get(change.path)
    if found is None or path_in_etc(found.path) != change.path:
        return change
    return replace(change, package=found.package, line=found.line)


def _shares(
    files: Iterable[PathChange], name: Callable[[PathChange], str], details: dict[str, str]
) -> tuple[Share, ...]:
    sums: dict[str, list[int]] = {}
    for file in files:
        if not file.is_folder:
            found = sums.setdefault(name(file), [0, 0, 0])
            found[0] += 1
            found[2 if file.kind is Kind.REMOVED else 1] += file.size
    shares = [
        Share(name=each, files=count, size=size, removed=removed, detail=details.get(each, ""))
        for each, (count, size, removed) in sums.items()
    ]
    return tuple(sorted(shares, key=lambda one: (-one.size, -one.removed, one.name)))

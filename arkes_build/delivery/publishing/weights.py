"""Weigh exactly what a client has to fetch object by object: what it would do without a delta."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.delivery.publishing.transfer import Needed, Reader, needed, object_path, weigh

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arkes_build.delivery.publishing.transfer import Root


class Scales:
    """Weigh pulls from one published repository; what a tree has is read once."""

    def __init__(self, repository: Path, root: Callable[[str], Root]) -> None:
        """``root`` gives the root of a commit that is there."""
        self._repository = repository
        self._root = root
        self._read = Reader(repository)
        self._whole: dict[str, Needed] = {}

    def pull(self, before: str, after: str) -> int:
        """Return the bytes that a client with ``before`` (empty: with nothing) fetches.

        They are the objects of ``after`` that no place of ``before`` has, compressed as they
        lie there, with the commit and what is said beside it.
        """
        own = [object_path(after, kind) for kind in ("commit", "commitmeta")]
        if not before:
            return weigh(self._repository, (*self.whole(after).names(), *own))
        new = needed(self._root(after), self._root(before), self._read)
        has = self.whole(before)
        missing = Needed(new.trees - has.trees, new.metas - has.metas, new.files - has.files)
        return weigh(self._repository, (*missing.names(), *own))

    def whole(self, commit: str) -> Needed:
        """Return all that a commit needs."""
        if commit not in self._whole:
            self._whole[commit] = needed(self._root(commit), None, self._read)
        return self._whole[commit]

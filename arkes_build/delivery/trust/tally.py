"""Hold the objects of single commits against their names, each object once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from arkes_build.delivery.keeping.reach import Reached
from arkes_build.delivery.soundness.damage import Kind, Thing
from arkes_build.store.errors import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.delivery.keeping.reach import Read, Root
    from arkes_build.delivery.soundness.content import Checker
    from arkes_build.delivery.soundness.scan import Progress

_BATCH = 64
_WORDS = {Kind.FILE: "file", Kind.FOLDER: "directory", Kind.METADATA: "owner and mode"}


class Tally:
    """Remember what was found of every object, for commits that have most of them in common."""

    def __init__(self, checker: Checker, read: Read, *, jobs: int, progress: Progress) -> None:
        self._checker = checker
        self._read = read
        self._jobs = jobs
        self._progress = progress
        self._known: dict[Thing, str] = {}

    def count(self, root: Root) -> tuple[int, tuple[str, ...]]:
        """Return how many objects a tree has, and what is wrong with which of them."""
        reached, lost = Reached(), []
        try:
            reached.follow(root, self._read)
        except StoreDamaged as error:
            lost.append(error.brief)
        wanted = sorted(_things(reached), key=lambda thing: (thing.kind.value, thing.checksum))
        self._look([thing for thing in wanted if thing not in self._known])
        found = ((thing, self._known[thing]) for thing in wanted)
        wrong = [f"{_WORDS[thing.kind]} {thing.checksum}: {what}" for thing, what in found if what]
        return len(wanted), (*wrong, *(lost if not wrong else ()))

    def _look(self, new: list[Thing]) -> None:
        batches = [new[at : at + _BATCH] for at in range(0, len(new), _BATCH)]
        done = 0
        with ThreadPoolExecutor(self._jobs) as pool:
            for batch, found in zip(batches, pool.map(self._examine, batches), strict=True):
                self._known.update(zip(batch, found, strict=True))
                done += len(batch)
                self._progress(done, len(new))

    def _examine(self, batch: list[Thing]) -> list[str]:
        return [
            self._checker.trouble(thing) if self._checker.is_there(thing) else "it is not there"
            for thing in batch
        ]


def _things(reached: Reached) -> Iterator[Thing]:
    kinds = (Kind.FOLDER, reached.trees), (Kind.METADATA, reached.metas), (Kind.FILE, reached.files)
    for kind, checksums in kinds:
        for checksum in checksums:
            yield Thing(kind, checksum)

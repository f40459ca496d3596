"""Look at every object of a repository, several at a time, none of them whole in memory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.delivery.soundness.content import size_of
from arkes_build.delivery.soundness.damage import OBJECTS, Kind, Thing
from arkes_build.store.refs import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.delivery.soundness.content import Checker

Progress = Callable[[int, int], None]
"""Hear how many objects of how many have been looked at. Called from several threads."""
_ENDINGS = {kind.value: kind for kind in OBJECTS}
_ENDINGS["filez"] = Kind.FILE
_STEP = 50
"""Objects between two reports."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What there is: checksums by kind, bytes, and what is wrong with which object."""

    present: dict[Kind, set[str]] = field(default_factory=lambda: defaultdict(set))
    size: int = 0
    troubles: dict[Thing, str] = field(default_factory=dict)

    def has(self, thing: Thing) -> bool:
        """Tell whether the object is there, whole or not."""
        return thing.checksum in self.present[thing.kind]

    def is_good(self, thing: Thing) -> bool:
        """Tell whether the object is there and what its name says."""
        return self.has(thing) and thing not in self.troubles

    @property
    def count(self) -> int:
        """Return how many objects there are."""
        return sum(map(len, self.present.values()))


def silent(_done: int, _total: int) -> None:
    """Hear nothing."""


def things(repository: Path) -> Iterator[Thing]:
    """Give every object of a repository, by name. Other files among them are left alone."""
    objects = repository / "objects"
    folders = sorted(os.listdir(objects)) if objects.is_dir() else []  # noqa: PTH208 - names only
    for folder in folders:
        try:
            names = sorted(os.listdir(objects / folder))  # noqa: PTH208 - names are all that is wanted
        except NotADirectoryError:
            continue
        for name in names:
            thing = thing_of(folder, name)
            if thing is not None:
                yield thing


def thing_of(folder: str, name: str) -> Thing | None:
    """Return the object that a file of this name in this folder is; None when it is none."""
    rest, _, ending = name.partition(".")
    if ending in _ENDINGS and CHECKSUM.fullmatch(folder + rest):
        return Thing(_ENDINGS[ending], folder + rest)
    return None


def look(repository: Path, checker: Checker, *, jobs: int, progress: Progress = silent) -> Seen:
    """Hold every object against its name; ``jobs`` are looked at at a time."""
    seen = Seen()
    for thing in things(repository):
        seen.present[thing.kind].add(thing.checksum)
    tasks = _batches(seen)
    done, total = 0, seen.count

    def examine(batch: list[Thing]) -> tuple[int, int, list[tuple[Thing, str]]]:
        size = sum(size_of(checker.path(thing)) for thing in batch)
        told = ((thing, checker.trouble(thing)) for thing in batch)
        return len(batch), size, [(thing, what) for thing, what in told if what]

    with ThreadPoolExecutor(jobs, thread_name_prefix="fsck") as pool:
        for count, size, troubles in pool.map(examine, tasks):
            done += count
            seen.size += size
            seen.troubles.update(troubles)
            progress(done, total)
    return seen


def _batches(seen: Seen) -> Iterator[list[Thing]]:
    """Give all objects, by the beginning of their checksum: neighbours are in one folder."""
    everything = sorted(
        (Thing(kind, checksum) for kind, known in seen.present.items() for checksum in known),
        key=lambda thing: thing.checksum,
    )
    for start in range(0, len(everything), _STEP):
        yield everything[start : start + _STEP]


def look_again(checker: Checker, seen: Seen) -> None:
    """Forget troubles of objects that have gone, or were made anew, since they were seen."""
    for thing in list(seen.troubles):
        path = checker.path(thing)
        if not os.path.lexists(path):
            del seen.troubles[thing]
            seen.present[thing.kind].discard(thing.checksum)
        elif not checker.trouble(thing):
            del seen.troubles[thing]

"""Name what can be wrong with a repository and its store, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS = 100
"""Most paths that one damage names; ``Damage.more_paths`` counts the others."""


class Kind(Enum):
    """Say what is damaged; the first five are objects, and their values the files' endings."""

    FILE = "file"
    FOLDER = "dirtree"
    METADATA = "dirmeta"
    COMMIT = "commit"
    SIGNATURE = "commitmeta"
    REF = "ref"
    SUMMARY = "summary"
    DELTA = "delta"
    STORE = "store"
    RECORD = "record"
    INDEX = "index"


class Thing(NamedTuple):
    """One object: its kind, and the checksum that is its name."""

    kind: Kind
    checksum: str


OBJECTS = (Kind.FILE, Kind.FOLDER, Kind.METADATA, Kind.COMMIT, Kind.SIGNATURE)


def ordered(things: Iterable[Thing]) -> list[Thing]:
    """Return objects by kind and checksum."""
    return sorted(things, key=lambda thing: (OBJECTS.index(thing.kind), thing.checksum))


class State(Enum):
    """Say what became of a damage."""

    LEFT = "left"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is not what it should be.

    ``name`` is an object's checksum, else a path inside the repository or the store.
    ``users`` are refs whose commits need it (``tiny/x86_64/base``, ``tiny/x86_64/base~2``
    for the release before the last), ``paths`` where it stands in their trees; both sorted.
    """

    kind: Kind
    name: str
    what: str
    is_missing: bool = False
    users: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    more_paths: int = 0
    state: State = State.LEFT
    told: str = ""
    """Where a good one came from, or what people can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was looked at, and what is wrong with it; ``damages`` are sorted by kind and name."""

    repository: str
    objects: int
    size: int
    """Bytes of the objects."""
    commits: int
    refs: int
    deltas: int
    records: int
    partial: int
    """Commits that are marked as not having all of their tree, as a client's may be."""
    damages: tuple[Damage, ...]

    @property
    def left(self) -> tuple[Damage, ...]:
        """Return what is still damaged."""
        return tuple(damage for damage in self.damages if damage.state is State.LEFT)


def nothing(repository: str = "") -> Findings:
    """Return the findings of a repository that is not there yet."""
    return Findings(
        repository=repository,
        objects=0,
        size=0,
        commits=0,
        refs=0,
        deltas=0,
        records=0,
        partial=0,
        damages=(),
    )

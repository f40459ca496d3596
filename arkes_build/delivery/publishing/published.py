"""Hold what a publish was asked for, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from arkes_build.delivery.publishing.transfer import Root


class Committed(Protocol):
    """What must be known of a commit; ``history.commits.CommitInfo`` says it."""

    @property
    def checksum(self) -> str:
        """Return the commit's checksum."""

    @property
    def parent(self) -> str | None:
        """Return the commit before it, None for the first."""

    @property
    def root(self) -> Root:
        """Return the root of its tree."""

    @property
    def timestamp(self) -> int:
        """Return its time, in seconds since 1970."""

    @property
    def version(self) -> str:
        """Return the version it says it is of; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A ref to publish with those of its releases that stay, the newest first."""

    ref: str
    releases: tuple[Committed, ...]

    @property
    def node(self) -> str:
        """Return the node: the last part of the ref."""
        return self.ref.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What a client with ``before`` (empty: with nothing) fetches, in bytes.

    ``delta`` is 0 where there is none, because the objects are smaller.
    """

    before: str
    delta: int
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRelease:
    """A commit that is published."""

    commit: str
    timestamp: int
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRef:
    """A ref as clients now see it; ``before`` is what they saw until now, or empty.

    ``releases`` come newest first.
    """

    ref: str
    before: str
    releases: tuple[PublishedRelease, ...]
    downloads: tuple[Download, ...]

    @property
    def node(self) -> str:
        """Return the node: the last part of the ref."""
        return self.ref.rpartition("/")[2]

    @property
    def newest(self) -> PublishedRelease:
        """Return what the ref names."""
        return self.releases[0]

    @property
    def is_new(self) -> bool:
        """Tell whether clients see another commit than before."""
        return self.before != self.newest.commit


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A node that stays as it is published, because its newest commit may not go out.

    ``fault`` is the node at fault, itself or one that it stands on; ``check`` is what failed
    there, empty when nothing was tested.
    """

    node: str
    commit: str
    fault: str
    check: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went because nothing needs it any more."""

    deltas: int = 0
    commits: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publish did; ``objects`` and ``object_bytes`` are those that were written.

    ``deltas`` were made, ``useless`` ones made and thrown away because they were larger.
    """

    path: str
    project: str
    url: str
    is_signed: bool
    refs: tuple[PublishedRef, ...]
    objects: int
    object_bytes: int
    deltas: int
    useless: int
    removed: Removed
    held: tuple[HeldBack, ...] = ()

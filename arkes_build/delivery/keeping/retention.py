"""Say which releases stay and why: the newest, those that ``[retention]`` keeps, pinned ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from arkes_build.project.settings import Config, Retention

DAY = 86_400


class Why(Enum):
    """Say what keeps a release, in the order in which people are told."""

    NEWEST = "newest"
    NO_RULE = "no rule"
    COUNT = "keep"
    AGE = "days"
    PINNED = "pinned"
    ELSEWHERE = "another ref"
    """A second ref has it too, and keeps it."""


class Dated(Protocol):
    """What must be known of a commit; ``history.commits.CommitInfo`` says it."""

    @property
    def checksum(self) -> str:
        """Return the commit's checksum."""

    @property
    def timestamp(self) -> int:
        """Return its time, in seconds since 1970."""

    @property
    def version(self) -> str:
        """Return the version it says it is of; may be empty."""

    @property
    def node(self) -> str:
        """Return the node it says it is of; may be empty."""

    @property
    def refs(self) -> tuple[str, ...]:
        """Return the refs it says it is of."""


class Chronicle(Protocol):
    """Where commits are known; ``history.commits.History`` is one."""

    def refs(self) -> dict[str, str]:
        """Return ref → commit of the nodes."""

    def releases(self, checksum: str) -> Iterator[Dated]:
        """Give a commit and those before it, as far as they are still here."""

    def commit(self, checksum: str) -> Dated:
        """Return one commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One commit of a ref; it goes when nothing keeps it."""

    commit: str
    timestamp: int
    version: str
    why: tuple[Why, ...]

    @property
    def is_kept(self) -> bool:
        """Tell whether it stays."""
        return bool(self.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The releases of one ref, the newest first, and the rule they were held against."""

    ref: str
    node: str
    rule: Retention
    releases: tuple[Release, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """Return the commits that stay."""
        return tuple(one.commit for one in self.releases if one.is_kept)

    @property
    def removed(self) -> tuple[str, ...]:
        """Return the commits that go."""
        return tuple(one.commit for one in self.releases if not one.is_kept)


def judged(
    releases: Sequence[Dated], rule: Retention, pinned: Collection[str] = ()
) -> tuple[Release, ...]:
    """Hold the releases of one ref, the newest first, against a rule."""
    return tuple(
        Release(
            commit=one.checksum,
            timestamp=one.timestamp,
            version=one.version,
            why=tuple(_reasons(at, one, releases[0].timestamp, rule, pinned)),
        )
        for at, one in enumerate(releases)
    )


def retained(
    chronicle: Chronicle, config: Config, pinned: Collection[str] = ()
) -> tuple[Line, ...]:
    """Return what stays and what goes of every ref, sorted by ref.

    ``pinned`` are commits. What two refs have in common stays when one of them keeps it.
    """
    chains = {ref: list(chronicle.releases(top)) for ref, top in chronicle.refs().items()}
    known = {one.checksum for chain in chains.values() for one in chain}
    apart = [chronicle.commit(commit) for commit in sorted(set(pinned) - known)]
    lines = []
    for ref, releases in sorted(chains.items()):
        node = (releases[0].node if releases else "") or ref.rpartition("/")[2]
        rule = config.retention_of(node)
        held = judged(releases, rule, pinned) + _apart(apart, ref)
        lines.append(Line(ref=ref, node=node, rule=rule, releases=held))
    kept = {commit for line in lines for commit in line.kept}
    return tuple(replace(line, releases=_elsewhere(line, kept)) for line in lines)


def removed(lines: Iterable[Line]) -> frozenset[str]:
    """Return all commits that go."""
    return frozenset(commit for line in lines for commit in line.removed)


def _apart(pinned: Iterable[Dated], ref: str) -> tuple[Release, ...]:
    """Return the pinned commits that were of this ref, and that it no longer leads to.

    What was between them is gone: they have no place to be counted from.
    """
    own = sorted(
        (one for one in pinned if ref in one.refs), key=lambda one: (-one.timestamp, one.checksum)
    )
    return tuple(
        Release(
            commit=one.checksum, timestamp=one.timestamp, version=one.version, why=(Why.PINNED,)
        )
        for one in own
    )


def _reasons(
    at: int, one: Dated, newest: int, rule: Retention, pinned: Collection[str]
) -> Iterator[Why]:
    if at == 0:
        yield Why.NEWEST
    if rule.keep is None and rule.days is None:
        yield Why.NO_RULE
    if rule.keep is not None and at < rule.keep:
        yield Why.COUNT
    if rule.days is not None and newest - one.timestamp <= rule.days * DAY:
        yield Why.AGE
    if one.checksum in pinned:
        yield Why.PINNED


def _elsewhere(line: Line, kept: Collection[str]) -> tuple[Release, ...]:
    return tuple(
        replace(one, why=(Why.ELSEWHERE,)) if not one.why and one.commit in kept else one
        for one in line.releases
    )

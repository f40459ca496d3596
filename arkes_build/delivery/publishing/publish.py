"""Publish: write all that is new beside what is there, show it at once, then tidy up.

Each step leaves what clients see whole, so a run may end at any of them:

1. objects, then commits (which are whole when they are there), then what is said of them
2. static deltas, each under its name when it is finished
3. refs
4. keys and settings of the remote
5. the summary: from here on clients see the new
6. the page for people
7. what the last generation had and this one has not goes, one publish later than it could:
   a client that began before 5 still finds it
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from arkes_build.core.events import NodeFinished, NodeStarted, Outcome, RunPlanned
from arkes_build.delivery.publishing import choosing, page, remote, summary
from arkes_build.delivery.publishing.deltas import wanted
from arkes_build.delivery.publishing.published import (
    Download,
    Published,
    PublishedRef,
    PublishedRelease,
)
from arkes_build.delivery.publishing.sweep import Staying, sweep
from arkes_build.delivery.publishing.transfer import Transfer, object_path
from arkes_build.delivery.publishing.weights import Scales
from arkes_build.store import refs
from arkes_build.store.binding import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.delivery.keeping.prune import Source
    from arkes_build.delivery.publishing.choosing import Chosen
    from arkes_build.delivery.publishing.destination import Destination
    from arkes_build.delivery.publishing.published import Committed, Offer, Removed
    from arkes_build.delivery.publishing.transfer import Root
    from arkes_build.project.settings import UpdateSettings

_SHORT = 12

Lines = dict[str, list[str]]
"""Ref → commits, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to publish.

    ``url`` is where clients find the repository, empty when nobody knows. ``seal`` signs a
    summary (None: nobody does); ``is_sealed`` tells whether signatures are good ones of it,
    by just the keys that sign now. ``extras`` writes what else there is to say of commits.
    """

    url: str
    updates: UpdateSettings
    jobs: int
    keyrings: Sequence[Path] = ()
    seal: Callable[[bytes], Sequence[bytes]] | None = None
    is_sealed: Callable[[bytes, Sequence[bytes]], bool] = lambda _data, _signatures: False
    extras: Callable[[Iterable[str]], None] = lambda _commits: None


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """How to read the destination: one commit, and what the pruning wants to know."""

    commit: Callable[[str], Committed]
    source: Source


class Publisher:
    """Publish from one repository (folder and ``OSTree.Repo``) into a destination held alone."""

    def __init__(
        self,
        destination: Destination,
        source: tuple[Path, Any],
        there: There,
        terms: Terms,
        sink: Sink,
    ) -> None:
        self._to = destination
        self._path = destination.path
        self._transfer = Transfer(*source, self._path, destination.repo)
        self._there = there
        self._terms = terms
        self._sink = sink

    def publish(self, offers: Sequence[Offer]) -> Published:
        """Publish these refs; others that are published already stay as they are.

        Raises ``DiskFull``, ``StoreDamaged`` and ``StoreError``; clients then see what they
        saw before, and the next publish goes on.
        """
        old, before = self._to.remembered, self._refs()
        self._sink(RunPlanned(nodes=tuple(offer.node for offer in offers)))
        self._to.remember(replace(old, is_finished=False, url=self._terms.url))
        objects, size = self._bring(offers, before)
        lines = self._lines(offers, before)
        chosen = self._choose(lines)
        self._name(offers, before)
        told_of = tuple(self._told(ref, lines[ref], before, chosen) for ref in lines)
        self._terms.extras([one.commit for ref in told_of for one in ref.releases])
        staying = self._show(told_of, lines, chosen)
        result = Published(
            path=str(self._path),
            project=old.project,
            url=self._terms.url,
            is_signed=self._terms.seal is not None,
            refs=told_of,
            objects=objects,
            object_bytes=size,
            deltas=chosen.made,
            useless=chosen.useless,
            removed=self._sweep(staying, is_unfinished=not old.is_finished),
        )
        page.write(self._path, result)
        self._end(result, lines, offers)
        return result

    def _refs(self) -> dict[str, str]:
        """Return ref → commit of what is published."""
        with told(self._path, doing="listing what is published"):
            found = self._to.repo.list_refs(None, None)[1]
        return {name: found[name] for name in sorted(found) if refs.is_of_node(name)}

    def _is_whole(self, commit: str) -> bool:
        mark = self._path / f"state/{commit}.commitpartial"
        return (self._path / object_path(commit, "commit")).exists() and not mark.exists()

    def _bring(self, offers: Iterable[Offer], before: Mapping[str, str]) -> tuple[int, int]:
        """Bring the commits that are not there; return how many objects and bytes that took."""
        roots: dict[str, tuple[Root, Root | None]] = {}
        for offer in offers:
            old = before.get(offer.ref, "")
            base = self._there.commit(old).root if old and self._is_whole(old) else None
            if old != offer.releases[0].checksum:
                self._sink(NodeStarted(node=offer.node, reason=_step(old, offer)))
            for one in reversed(offer.releases):
                if not self._is_whole(one.checksum):
                    roots[one.checksum] = (one.root, base)
                base = one.root
        brought = self._transfer.bring(roots, jobs=self._terms.jobs) if roots else (0, 0)
        for commit in roots:
            self._to.repo.mark_commit_partial(commit, False)  # noqa: FBT003 - libostree's own
        self._transfer.details(one.checksum for offer in offers for one in offer.releases)
        return brought

    def _lines(self, offers: Iterable[Offer], before: Mapping[str, str]) -> Lines:
        """Return the releases of all refs that clients will see."""
        known = self._to.remembered.releases
        lines = {
            ref: [commit, *(one for one in known.get(ref, ()) if one != commit)]
            for ref, commit in before.items()
        }
        lines |= {offer.ref: [one.checksum for one in offer.releases] for offer in offers}
        whole = {one for line in lines.values() for one in line if self._is_whole(one)}
        return {ref: [one for one in lines[ref] if one in whole] for ref in sorted(lines)}

    def _choose(self, lines: Lines) -> Chosen:
        wishes = choosing.Wishes(
            pairs={
                pair: ref.rpartition("/")[2]
                for ref, line in lines.items()
                for pair in wanted(line, self._terms.updates)
            },
            known=self._to.remembered.weights,
            in_use=summary.listed(self._path)[1],
        )
        scales = Scales(self._path, lambda commit: self._there.commit(commit).root)
        chosen = choosing.choose(self._path, wishes, scales, jobs=self._terms.jobs, sink=self._sink)
        weights = {name: list(pair) for name, pair in sorted(chosen.weights.items())}
        self._to.remember(replace(self._to.remembered, weights=weights))
        return chosen

    def _name(self, offers: Iterable[Offer], before: Mapping[str, str]) -> None:
        for offer in offers:
            newest = offer.releases[0].checksum
            if before.get(offer.ref) != newest:
                with told(self._path, doing=f"naming {offer.ref}"):
                    self._to.repo.set_ref_immediate(None, offer.ref, newest, None)

    def _told(
        self, ref: str, line: Sequence[str], before: Mapping[str, str], chosen: Chosen
    ) -> PublishedRef:
        found = {pair: chosen.weights[pair.name] for pair in wanted(line, self._terms.updates)}
        commits = (self._there.commit(one) for one in line)
        return PublishedRef(
            ref=ref,
            before=before.get(ref, ""),
            releases=tuple(
                PublishedRelease(commit=one.checksum, timestamp=one.timestamp, version=one.version)
                for one in commits
            ),
            downloads=tuple(
                Download(
                    before=pair.before,
                    delta=size if pair.name in chosen.deltas else 0,
                    objects=objects,
                )
                for pair, (size, objects) in found.items()
            ),
        )

    def _show(self, told_of: Iterable[PublishedRef], lines: Lines, chosen: Chosen) -> Staying:
        """Let clients see it, and return what must stay for those who saw what was before."""
        terms, old = self._terms, self._to.remembered
        signed = terms.seal is not None
        remote.write(self._path, old.project, terms.url, terms.keyrings, is_signed=signed)
        commits, names = summary.listed(self._path)
        generations = summary.generations(self._path)[1]
        data = summary.write(self._path, (_summed(one) for one in told_of), chosen.deltas)
        now = {one for line in lines.values() for one in line}
        seal = self._seal(data)
        shown = summary.Shown(summary=data, seal=seal, url=terms.url, commits=sorted(now))
        summary.put(self._path, shown)
        had = {*commits, *(one for line in old.releases.values() for one in line)}
        return Staying(
            deltas={*names, *chosen.deltas},
            generations={*generations, *summary.generations(self._path)[1]},
            commits={*now, *had},
            going=set(old.leaving) - now - had,
        )

    def _seal(self, data: bytes) -> bytes:
        """Return the signatures of a summary: those that are there, if they are of it."""
        if self._terms.seal is None:
            return b""
        there = summary.signatures(self._path)
        if summary.held(self._path) == data and self._terms.is_sealed(data, there):
            return summary.sealed(there)
        return summary.sealed(self._terms.seal(data))

    def _sweep(self, staying: Staying, *, is_unfinished: bool) -> Removed:
        return sweep(self._there.source, self._to.repo, staying, is_unfinished=is_unfinished)

    def _end(self, result: Published, lines: Lines, offers: Iterable[Offer]) -> None:
        old = self._to.remembered
        now = {one for line in lines.values() for one in line}
        leaving = {one for line in old.releases.values() for one in line} - now
        state = replace(old, releases=lines, leaving=sorted(leaving), is_finished=True)
        self._to.remember(state)
        offered = {offer.ref for offer in offers}
        for one in result.refs:
            if one.ref in offered:
                self._sink(_finished(one))


def _step(old: str, offer: Offer) -> str:
    newest = offer.releases[0].checksum[:_SHORT]
    return f"{old[:_SHORT]} becomes {newest}" if old else f"{newest} is its first"


def _summed(one: PublishedRef) -> summary.Summed:
    return summary.Summed(
        ref=one.ref,
        commit=one.newest.commit,
        timestamp=one.newest.timestamp,
        version=one.newest.version,
        downloads=tuple((each.before, each.delta, each.objects) for each in one.downloads),
    )


def _finished(one: PublishedRef) -> NodeFinished:
    return NodeFinished(
        node=one.node,
        outcome=Outcome.PUBLISHED if one.is_new else Outcome.UNCHANGED,
        seconds=0,
        ref=one.ref,
        commit=one.newest.commit,
    )

"""Publish what the store has: choose refs and releases, see that they are signed, write."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Self

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import Notice, silent
from arkes_build.core.names import BOOTSTRAP, ROOTFS
from arkes_build.delivery.keeping.prune import Source
from arkes_build.delivery.keeping.retention import retained
from arkes_build.delivery.publishing.destination import alone
from arkes_build.delivery.publishing.page import BOMS
from arkes_build.delivery.publishing.publish import Publisher, Terms, There
from arkes_build.delivery.publishing.published import Offer
from arkes_build.delivery.publishing.transfer import object_path
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.pipeline.opening import open_store
from arkes_build.store.gnupg import keys_home
from arkes_build.store.pins import pins
from arkes_build.store.signed import Distrusted
from arkes_build.store.signing import for_project, trusted_folder, trusted_keyrings
from arkes_build.store.trust import Keyrings, NobodyTrusted, State, commit_signatures, must_be_good

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.delivery.publishing.destination import Destination
    from arkes_build.delivery.publishing.published import HeldBack, Published
    from arkes_build.history.commits import CommitInfo
    from arkes_build.history.sbom import Format
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.project.settings import UpdateSettings
    from arkes_build.store.model import Holder
    from arkes_build.store.signing import Signer

_SHORT = 12
_BILLS: dict[Format, str] = {"cyclonedx": "cdx", "spdx": "spdx"}
_URL = re.compile(r"https?://[!-~]+")
_NOT_IN_URL = re.compile(r"""["'<>;\\]""")
_FOUNDATIONS = frozenset({BOOTSTRAP, ROOTFS})
"""Nodes that no machine runs: what others are made from."""


class NothingBuilt(ArkesError):
    """Report a store that has nothing to publish."""

    exit_code = ExitCode.STORE

    def __init__(self, where: Path) -> None:
        super().__init__(
            f"there is nothing to publish in {where}",
            resolution="build first: `arkes-build all`",
        )


class BadAddress(ArkesError):
    """Report an address that no remote can have."""

    exit_code = ExitCode.USAGE

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url[:120]!r} cannot be the address of a repository",
            resolution="say where clients find the folder, such as https://example.org/updates",
        )


class SummaryUnsigned(Distrusted):
    """Report that there is no key to sign the summary with."""

    def __init__(self) -> None:
        super().__init__(
            "the summary cannot be signed, so nothing is published",
            details=f"{keys_home()} has no key that the project trusts",
            resolution="publish where a signing key is (`arkes-build keys` tells), or say "
            "--unsigned for a repository whose clients verify nothing",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to publish, and how; ``url`` None means as last time."""

    destination: Path
    nodes: tuple[str, ...] = ()
    url: str | None = None
    is_unsigned: bool = False
    is_tested: bool = False
    """Hold back what did not pass its test, and all that stands on it."""
    releases: tuple[str, ...] = ()
    """Only these commits, of all that would go out."""
    updates: UpdateSettings | None = None
    """Which deltas to make, if not those that the project wants."""


def publish(options: Options, request: Request, sink: Sink = silent) -> Published:
    """Publish nodes of the store, by default all that machines can run.

    Raises ``NotPublishable``, ``Distrusted``, ``CommitUnknown``, ``NothingBuilt``,
    ``BadAddress``, ``NothingTested``, and what ``Publisher.publish`` raises.
    """
    url = None if request.url is None else _address(request.url)
    opened = open_store(options)
    if not opened.store.has_repository:
        raise NothingBuilt(opened.store.path)
    history = History(opened.repository)
    project = opened.config.project.name
    destination = request.destination.absolute()
    with ExitStack() as stack:
        to = stack.enter_context(alone(destination, project, lambda who: _say_who(sink, who)))
        offers, held = _offers(opened, history, request)
        _say_what_stays(opened, to, (*offers, *_staying(opened, held)), request.nodes, sink)
        there = History(destination)
        terms = Terms(
            url=to.remembered.url if url is None else url,
            updates=request.updates or opened.config.updates,
            jobs=options.jobs or os.cpu_count() or 1,
            extras=partial(_write_bills, there),
        )
        if not request.is_unsigned:
            trust = stack.enter_context(_Trust(opened.root, history))
            offers = trust.checked(offers, destination, sink)
            terms = trust.terms(terms, there)
        source = (opened.repository, history.repo)
        commit = _Known(there)
        reading = Source(repository=destination, commit=commit, folder=there.trees.folder)
        at = There(commit=commit, source=reading)
        return replace(Publisher(to, source, at, terms, sink).publish(offers), held=held)


@dataclass(slots=True)
class _Known:
    """Read each commit of a repository once."""

    history: History
    found: dict[str, CommitInfo] = field(default_factory=dict)

    def __call__(self, checksum: str) -> CommitInfo:
        if checksum not in self.found:
            self.found[checksum] = self.history.commit(checksum)
        return self.found[checksum]


@dataclass(slots=True)
class _Chosen:
    """Some refs of a repository, for the retention to look at; keeps the commits it gave."""

    history: History
    chosen: dict[str, str]
    commits: dict[str, CommitInfo] = field(default_factory=dict)

    def refs(self) -> dict[str, str]:
        return self.chosen

    def releases(self, checksum: str) -> Iterator[CommitInfo]:
        for found in self.history.releases(checksum):
            self.commits[found.checksum] = found
            yield found

    def commit(self, checksum: str) -> CommitInfo:
        return self.commits.setdefault(checksum, self.history.commit(checksum))


class _Trust:
    """Hold commits and summaries against the keys that the project trusts."""

    def __init__(self, root: Path, history: History) -> None:
        self._root = root
        self._history = history
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._paths = trusted_keyrings(self._root)
        if not self._paths:
            raise NobodyTrusted(trusted_folder(self._root))
        with self._open as stack:
            self._keyrings = stack.enter_context(Keyrings(self._paths))
            signer = stack.enter_context(for_project(self._root))
            if signer is None:
                raise SummaryUnsigned
            self._signer: Signer = signer
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_why: object) -> None:
        self._open.close()

    def checked(self, offers: Sequence[Offer], destination: Path, sink: Sink) -> tuple[Offer, ...]:
        """Return the offers with what is signed; raises ``Distrusted`` when a newest is not.

        What is published already, with the same signatures, was checked then.
        """
        bad: dict[str, list[str]] = {}
        checked = []
        for offer in offers:
            good = []
            for one in offer.releases:
                try:
                    self._check(one.checksum, offer.node, destination)
                except Distrusted as error:
                    if one is offer.releases[0]:
                        raise
                    bad.setdefault(offer.node, []).append(error.brief)
                else:
                    good.append(one)
            checked.append(Offer(ref=offer.ref, releases=tuple(good)))
        for node, why in bad.items():
            more = f", and {len(why) - 1} more" if why[1:] else ""
            sink(Notice(message=f"an older release of {node} is not published: {why[0]}{more}"))
        return tuple(checked)

    def _check(self, commit: str, node: str, destination: Path) -> None:
        if not self._is_there(commit, destination):
            found = commit_signatures(self._history.repo, commit, self._keyrings)
            must_be_good(f"the commit {commit[:_SHORT]} of {node}", found)

    def terms(self, terms: Terms, there: History) -> Terms:
        """Return the terms of a signed publish."""

        def is_sealed(data: bytes, signatures: Sequence[bytes]) -> bool:
            found = self._keyrings.signatures(there.repo, data, signatures)
            good = {one.key for one in found if one.state is State.GOOD}
            wanted = {key.fingerprint for key in self._signer.keys}
            return good == wanted and len(found) == len(wanted)

        seal = self._signer.detached
        return replace(terms, keyrings=self._paths, seal=seal, is_sealed=is_sealed)

    def _is_there(self, commit: str, destination: Path) -> bool:
        here = self._history.path / object_path(commit, "commitmeta")
        there = destination / object_path(commit, "commitmeta")
        published = destination / object_path(commit, "commit")
        try:
            return published.exists() and here.read_bytes() == there.read_bytes()
        except FileNotFoundError:
            return False


def _write_bills(there: History, commits: Iterable[str]) -> None:
    """Write the bills of materials of published releases that have packages and no bill yet."""
    folder = there.path / BOMS
    kept = set(commits)
    for commit in sorted(kept):
        for form, ending in _BILLS.items():
            path = folder / f"{commit}.{ending}.json"
            if not path.exists() and there.commit(commit).packages:
                from arkes_build.history.sbom import write

                write_atomically(path, write(there, commit, form))
    for path in folder.glob("*.json"):
        if path.name.partition(".")[0] not in kept:
            path.unlink(missing_ok=True)


def _address(url: str) -> str:
    if not _URL.fullmatch(url) or _NOT_IN_URL.search(url):
        raise BadAddress(url)
    return url.rstrip("/")


def _staying(opened: Opened, held: Sequence[HeldBack]) -> tuple[Offer, ...]:
    return tuple(Offer(ref=opened.ref(one.node), releases=()) for one in held)


def _offers(
    opened: Opened, history: History, request: Request
) -> tuple[tuple[Offer, ...], tuple[HeldBack, ...]]:
    nodes = request.nodes
    prefix = opened.ref("")
    refs = {ref: commit for ref, commit in history.refs().items() if ref.startswith(prefix)}
    names = {ref.removeprefix(prefix): ref for ref in refs}
    for node in nodes:
        if node not in names:
            raise CommitUnknown(node, why="it is not in the store", known=tuple(names))
    wanted = set(nodes) or names.keys() - _FOUNDATIONS
    if not wanted:
        raise NothingBuilt(opened.store.path)
    held: tuple[HeldBack, ...] = ()
    if request.is_tested:
        from arkes_build.pipeline.gating import held_back

        by_node = {node: refs[ref] for node, ref in names.items()}
        held = held_back(opened, history, by_node, sorted(wanted))
        wanted -= {one.node for one in held}
    chosen = _Chosen(history, {names[node]: refs[names[node]] for node in sorted(wanted)})
    lines = retained(chosen, opened.config, pins(opened.repository))
    only = set(request.releases)
    offers = (
        Offer(
            ref=line.ref,
            releases=tuple(chosen.commits[one] for one in line.kept if not only or one in only),
        )
        for line in lines
    )
    return tuple(_passed(opened, one) if request.is_tested else one for one in offers), held


def _passed(opened: Opened, offer: Offer) -> Offer:
    from arkes_build.pipeline.gating import has_failed

    good = (one for one in offer.releases if not has_failed(opened, offer.node, one.checksum))
    return Offer(ref=offer.ref, releases=tuple(good))


def _say_what_stays(
    opened: Opened, to: Destination, offers: Sequence[Offer], nodes: Sequence[str], sink: Sink
) -> None:
    """Say which published nodes the store does not have: they stay as they are."""
    offered = {offer.ref for offer in offers}
    prefix = opened.ref("")
    left = [ref for ref in to.remembered.releases if ref.startswith(prefix) and ref not in offered]
    if left and not nodes:
        names = ", ".join(ref.removeprefix(prefix) for ref in left)
        sink(Notice(message=f"not in the store, stays published as it is: {names}"))


def _say_who(sink: Sink, holder: Holder | None) -> None:
    sink(Notice(message=f"waiting for another publish: {holder or 'somebody'} is at it"))

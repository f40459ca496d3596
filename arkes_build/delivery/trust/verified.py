"""Pull commits into a repository: the one way in, and only for what a trusted key has signed.

libostree alone takes a ``file://`` or local source at its word. So, whatever the source is:

1. its refs are read; over http from its summary, which must be signed itself;
2. each commit, and those before it as far as they are wanted, comes into an antechamber, a
   repository of its own that is thrown away: there its name is held against its content,
   its signatures against the trusted keys, and its ref against the refs it was made for;
3. only then its objects come, each held against its checksum, into one transaction;
4. last the refs are set. What is refused on the way leaves no commit and no ref.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.amounts import size
from arkes_build.delivery.trust.antechamber import RefForeign, judged, opened, options
from arkes_build.delivery.trust.endable import endable
from arkes_build.delivery.trust.source import REMOTE, SourceBroken, open_source, refusal
from arkes_build.store.binding import binding, told
from arkes_build.store.refs import commit_in
from arkes_build.store.signed import commit_blobs
from arkes_build.store.trust import (
    Keyrings,
    NobodyTrusted,
    Signature,
    State,
    commit_signatures,
    must_be_good,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from arkes_build.delivery.trust.antechamber import Link
    from arkes_build.delivery.trust.source import Source

ALL = -1
"""As a depth: all commits that the source has."""
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A ref that was pulled.

    ``before`` is what the repository had there (None: nothing), ``timestamp`` the commit's,
    in seconds since 1970, and ``releases`` how many commits came or were there already.
    ``is_older`` says that what was there before is newer by its own date.
    """

    ref: str
    commit: str
    before: str | None
    timestamp: int
    version: str
    signature: Signature
    releases: int
    is_older: bool


def pull(
    repository: Path,
    location: str,
    choose: Callable[[Sequence[str]], Sequence[str]],
    *,
    keyrings: Sequence[Path],
    depth: int = 0,
    remote: str = "",
    expected: Mapping[str, str] | None = None,
    on_progress: Callable[[str], None] = lambda _text: None,
) -> tuple[Pulled, ...]:
    """Pull refs and ``depth`` commits before each, and return what came.

    ``location`` is ``http(s)://``, ``file://`` or a folder; ``choose`` gets the names of its
    refs and returns those wanted. The refs become those of ``remote``, or without one the
    repository's own; ``expected`` has the commit of a ref that was looked at before, which
    is taken although there may be a newer one by now. The caller holds the lock of the
    store. Raises a ``Distrusted`` for what is not signed by a key of ``keyrings``, or not as it was
    signed; ``SourceUnknown``, ``SourceBroken``.
    """
    if not keyrings:
        raise NobodyTrusted("the project, or among what was named")
    with ExitStack() as stack:
        rings = stack.enter_context(Keyrings(keyrings))
        source = stack.enter_context(open_source(location, rings))
        known = {**source.refs, **(expected or {})}
        wanted = {ref: known[ref] for ref in choose(sorted(source.refs))}
        what = next(iter(wanted)) if len(wanted) == 1 else f"{len(wanted)} refs"
        on_progress(f"verifying {what} of {source}")
        chains = judged(source, wanted, rings, depth)
        on_progress(f"pulling {what} of {source}")
        repo = opened(repository, source)
        _fetch(repo, repository, source, wanted, depth=depth, on_progress=on_progress)
        return tuple(
            _accepted(repo, repository, ref, chain, rings, remote)
            for ref, chain in sorted(chains.items())
        )


def _fetch(
    repo: Any,
    repository: Path,
    source: Source,
    wanted: Mapping[str, str],
    *,
    depth: int,
    on_progress: Callable[[str], None],
) -> None:
    marks = set((repository / "state").glob("*.commitpartial"))
    progress = _Progress(on_progress)
    try:
        with endable() as cancellable, refusal(source):
            made = options(source, wanted, depth, commits=False)
            repo.pull_with_options(REMOTE, made, progress.listener, cancellable)
    except BaseException:
        # libostree would take a later commit of that name for one that it did not finish.
        for mark in set((repository / "state").glob("*.commitpartial")) - marks:
            mark.unlink(missing_ok=True)
        raise
    finally:
        progress.listener.finish()


def _accepted(
    repo: Any, repository: Path, ref: str, chain: Sequence[Link], rings: Keyrings, remote: str
) -> Pulled:
    """Set a ref to what was found good in the antechamber, its signatures with it."""
    top = chain[0]
    with told(repository.parent, doing=f"setting {ref}"):
        for link in chain:
            _keep_signatures(repo, link, rings)
        place = f"remotes/{remote}" if remote else "heads"
        before = commit_in(repository, repository / "refs" / place / ref) or None
        ostree = binding().ostree
        older = False
        if before and before != top.checksum:
            older = ostree.commit_get_timestamp(repo.load_commit(before)[1]) > top.timestamp
        repo.set_ref_immediate(remote or None, ref, top.checksum, None)
    return Pulled(
        ref=ref,
        commit=top.checksum,
        before=before,
        timestamp=top.timestamp,
        version=top.version,
        signature=top.signature,
        releases=len(chain),
        is_older=older,
    )


def _keep_signatures(repo: Any, link: Link, rings: Keyrings) -> None:
    """Give a commit that was there before, unsigned, the signatures of the one that came."""
    found = commit_signatures(repo, link.checksum, rings)
    if any(signature.state is State.GOOD for signature in found):
        return
    there = commit_blobs(repo, link.checksum)
    for blob in link.blobs:
        if blob not in there:
            repo.append_gpg_signature(link.checksum, binding().glib.Bytes.new(blob), None)
    must_be_good(
        f"the commit {link.checksum[:_SHOWN]}", commit_signatures(repo, link.checksum, rings)
    )


class _Progress:
    """Turn libostree's counters into a line that grows."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.listener = binding().ostree.AsyncProgress.new()
        self.listener.connect("changed", self._changed)

    def _changed(self, progress: Any) -> None:
        done, asked = progress.get_uint("fetched"), progress.get_uint("requested")
        transferred = progress.get_uint64("bytes-transferred")
        parts = progress.get_uint("total-delta-parts")
        if parts:
            whole = progress.get_uint64("total-delta-part-size")
            self._say(f"{size(min(transferred, whole))} of a delta of {size(whole)}")
        elif asked:
            self._say(f"{done} of {asked} objects, {size(transferred)}")


__all__ = ["ALL", "Pulled", "RefForeign", "SourceBroken", "pull"]

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

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core.amounts import size
from arkes_build.delivery.trust.source import REMOTE, Source, SourceBroken, open_source, refusal
from arkes_build.store.binding import binding, told
from arkes_build.store.refs import read
from arkes_build.store.signed import Distrusted, commit_blobs
from arkes_build.store.trust import (
    Keyrings,
    NobodyTrusted,
    Signature,
    State,
    commit_signatures,
    must_be_good,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

BINDING = "ostree.ref-binding"
ALL = -1
"""As a depth: all commits that the source has."""
_SHOWN = 12


class RefForeign(Distrusted):
    """Report a commit that was made, and signed, for another ref than the one it is offered as."""

    def __init__(self, ref: str, *, commit: str, bound: Sequence[str]) -> None:
        whose = " and ".join(bound) if bound else "no ref at all"
        super().__init__(
            f"the commit {commit[:_SHOWN]} is offered as {ref}, but was made for {whose}",
            details="somebody may have put one release in the place of another",
            resolution="take it from a source that names it rightly",
        )


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
    on_progress: Callable[[str], None] = lambda _text: None,
) -> tuple[Pulled, ...]:
    """Pull refs and ``depth`` commits before each, and return what came.

    ``location`` is ``http(s)://``, ``file://`` or a folder; ``choose`` gets the names of its
    refs and returns those wanted. The caller holds the lock of the store. Raises a
    ``Distrusted`` for what is not signed by a key of ``keyrings``, or not as it was
    signed; ``SourceUnknown``, ``SourceBroken``.
    """
    if not keyrings:
        raise NobodyTrusted("the project, or among what was named")
    with ExitStack() as stack:
        rings = stack.enter_context(Keyrings(keyrings))
        source = stack.enter_context(open_source(location, rings))
        wanted = {ref: source.refs[ref] for ref in choose(sorted(source.refs))}
        on_progress(f"verifying {len(wanted)} refs of {source}")
        chains = _judged(source, wanted, rings, depth)
        on_progress(f"pulling {len(wanted)} refs of {source}")
        repo = _opened(repository, source)
        _fetch(repo, repository, source, wanted, depth=depth, on_progress=on_progress)
        return tuple(
            _accepted(repo, repository, ref, chain, rings) for ref, chain in sorted(chains.items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """One commit of the antechamber that was found good."""

    checksum: str
    timestamp: int
    version: str
    signature: Signature
    blobs: tuple[bytes, ...]


def _judged(
    source: Source, wanted: Mapping[str, str], rings: Keyrings, depth: int
) -> dict[str, tuple[_Link, ...]]:
    """Return for each ref its commits, from the newest, all of them found good."""
    with _antechamber(source) as repo:
        with refusal(source):
            repo.pull_with_options(
                REMOTE, _options(source, wanted, depth, commits=True), None, None
            )
        return {
            ref: tuple(_links(repo, ref, commit, rings)) for ref, commit in sorted(wanted.items())
        }


def _links(repo: Any, ref: str, commit: str, rings: Keyrings) -> Iterator[_Link]:
    ostree = binding().ostree
    following: str | None = commit
    while following and _has(repo, following):
        what = f"the commit {following[:_SHOWN]} of {ref}"
        good = must_be_good(what, commit_signatures(repo, following, rings))
        loaded = repo.load_commit(following)[1]
        about = loaded.get_child_value(0)
        bound = about.lookup_value(BINDING, binding().glib.VariantType.new("as"))
        names = tuple(bound.unpack()) if bound is not None else ()
        if ref not in names:
            raise RefForeign(ref, commit=following, bound=names)
        version = about.lookup_value("version", binding().glib.VariantType.new("s"))
        yield _Link(
            checksum=following,
            timestamp=int(ostree.commit_get_timestamp(loaded)),
            version=version.get_string() if version is not None else "",
            signature=good,
            blobs=commit_blobs(repo, following),
        )
        following = ostree.commit_get_parent(loaded)


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
        with refusal(source):
            options = _options(source, wanted, depth, commits=False)
            repo.pull_with_options(REMOTE, options, progress.listener, None)
    except BaseException:
        # libostree would take a later commit of that name for one that it did not finish.
        for mark in set((repository / "state").glob("*.commitpartial")) - marks:
            mark.unlink(missing_ok=True)
        raise
    finally:
        progress.listener.finish()


def _accepted(
    repo: Any, repository: Path, ref: str, chain: Sequence[_Link], rings: Keyrings
) -> Pulled:
    """Set a ref to what was found good in the antechamber, its signatures with it."""
    top = chain[0]
    with told(repository.parent, doing=f"setting {ref}"):
        for link in chain:
            _keep_signatures(repo, link, rings)
        before = read(repository, ref) or None
        ostree = binding().ostree
        older = False
        if before and before != top.checksum:
            older = ostree.commit_get_timestamp(repo.load_commit(before)[1]) > top.timestamp
        repo.set_ref_immediate(None, ref, top.checksum, None)
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


def _keep_signatures(repo: Any, link: _Link, rings: Keyrings) -> None:
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


def _has(repo: Any, checksum: str) -> bool:
    return bool(repo.has_object(binding().ostree.ObjectType.COMMIT, checksum, None)[1])


@contextmanager
def _antechamber(source: Source) -> Iterator[Any]:
    modules = binding()
    with tempfile.TemporaryDirectory(prefix="arkes-antechamber-") as folder:
        repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(folder))
        repo.create(modules.ostree.RepoMode.ARCHIVE, None)
        yield _opened(Path(folder), source)


def _opened(repository: Path, source: Source) -> Any:
    """Open a repository that knows the source as a remote, without a word of it in its config."""
    modules = binding()
    with told(repository.parent, doing="opening the repository"):
        repo = modules.ostree.Repo(
            path=modules.gio.File.new_for_path(str(repository)),
            remotes_config_dir=str(source.folder),
        )
        repo.open(None)
    return repo


def _options(source: Source, wanted: Mapping[str, str], depth: int, *, commits: bool) -> Any:
    """Return the ``a{sv}`` of ``ostree_repo_pull_with_options``.

    Commits are named by checksum, so that libostree sets no ref.
    """
    modules = binding()
    variant, kinds = modules.glib.Variant, modules.ostree.RepoPullFlags
    flags = kinds.UNTRUSTED | (kinds.COMMIT_ONLY if commits else kinds.NONE)
    options = {
        "refs": variant("as", sorted(set(wanted.values()))),
        "flags": variant("i", int(flags)),
        "depth": variant("i", depth),
        # In the antechamber we look ourselves, and can say what is wrong.
        "gpg-verify": variant("b", not commits),
        "gpg-verify-summary": variant("b", source.summary is not None),
    }
    if source.summary is not None:
        options["summary-bytes"] = variant("ay", source.summary)
        options["summary-sig-bytes"] = variant("ay", source.summary_signature)
    return variant("a{sv}", options)


class _Progress:
    """Turn libostree's counters into a line that grows."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.listener = binding().ostree.AsyncProgress.new()
        self.listener.connect("changed", self._changed)

    def _changed(self, progress: Any) -> None:
        done, asked = progress.get_uint("fetched"), progress.get_uint("requested")
        transferred = progress.get_uint64("bytes-transferred")
        if asked:
            self._say(f"{done} of {asked} objects, {size(transferred)}")


__all__ = ["ALL", "Pulled", "RefForeign", "SourceBroken", "pull"]

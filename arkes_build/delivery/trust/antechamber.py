"""Judge commits in an antechamber: a repository of its own, where nothing but commits comes.

There a commit's name is held against its content, its signatures against the trusted keys, and
its ref against the refs that it was made for. With the repository that it may go into as its
parent, the antechamber fetches nothing that is there already.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.trust.endable import endable
from arkes_build.delivery.trust.source import REMOTE, refusal
from arkes_build.store.binding import binding, told
from arkes_build.store.signed import Distrusted, commit_blobs
from arkes_build.store.trust import commit_signatures, must_be_good

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from arkes_build.delivery.trust.source import Source
    from arkes_build.store.trust import Keyrings, Signature

BINDING = "ostree.ref-binding"
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
class Link:
    """One commit of the antechamber that was found good."""

    checksum: str
    timestamp: int
    version: str
    signature: Signature
    blobs: tuple[bytes, ...]


def judged(
    source: Source, wanted: Mapping[str, str], rings: Keyrings, depth: int
) -> dict[str, tuple[Link, ...]]:
    """Return for each ref its commits, from the newest, all of them found good."""
    with antechamber(source) as repo:
        with endable() as cancellable, refusal(source):
            made = options(source, wanted, depth, commits=True)
            repo.pull_with_options(REMOTE, made, None, cancellable)
        return {
            ref: tuple(links(repo, ref, commit, rings)) for ref, commit in sorted(wanted.items())
        }


def links(repo: Any, ref: str, commit: str, rings: Keyrings) -> Iterator[Link]:
    """Give a commit and those before it, as far as the antechamber has them; raise for a bad one.

    A ``Distrusted`` says what is wrong: its content, its signatures, or the ref it is for.
    """
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
        yield Link(
            checksum=following,
            timestamp=int(ostree.commit_get_timestamp(loaded)),
            version=version.get_string() if version is not None else "",
            signature=good,
            blobs=commit_blobs(repo, following),
        )
        following = ostree.commit_get_parent(loaded)


def _has(repo: Any, checksum: str) -> bool:
    return bool(repo.has_object(binding().ostree.ObjectType.COMMIT, checksum, None)[1])


@contextmanager
def antechamber(
    source: Source, *, parent: Path | None = None, takes_deltas: bool = False
) -> Iterator[Any]:
    """Give an empty repository that lasts as long as the block.

    What ``parent`` has, it has too. An archive, unless it is to look at static deltas, which
    libostree refuses to do for one.
    """
    modules = binding()
    with tempfile.TemporaryDirectory(prefix="arkes-antechamber-") as name:
        modes, folder = modules.ostree.RepoMode, Path(name)
        repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(name))
        repo.create(modes.BARE_USER_ONLY if takes_deltas else modes.ARCHIVE, None)
        if parent is not None:
            with (folder / "config").open("a", encoding="utf-8") as config:
                config.write(f"parent={parent.resolve()}\n")
        yield opened(folder, source)


def opened(repository: Path, source: Source) -> Any:
    """Open a repository that knows the source as a remote, without a word of it in its config."""
    modules = binding()
    with told(repository.parent, doing="opening the repository"):
        repo = modules.ostree.Repo(
            path=modules.gio.File.new_for_path(str(repository)),
            remotes_config_dir=str(source.folder),
        )
        repo.open(None)
    return repo


def options(
    source: Source,
    wanted: Mapping[str, str],
    depth: int,
    *,
    commits: bool,
    more: Mapping[str, Any] | None = None,
) -> Any:
    """Return the ``a{sv}`` of ``ostree_repo_pull_with_options``, ``more`` with it.

    Commits are named by checksum, so that libostree sets no ref. ``commits`` says that nothing
    but commits is wanted.
    """
    modules = binding()
    variant, kinds = modules.glib.Variant, modules.ostree.RepoPullFlags
    flags = kinds.UNTRUSTED | (kinds.COMMIT_ONLY if commits else kinds.NONE)
    made = {
        "refs": variant("as", sorted(set(wanted.values()))),
        "flags": variant("i", int(flags)),
        "depth": variant("i", depth),
        # In the antechamber we look ourselves, and can say what is wrong.
        "gpg-verify": variant("b", not commits),
        "gpg-verify-summary": variant("b", source.summary is not None),
    }
    if source.summary is not None:
        made["summary-bytes"] = variant("ay", source.summary)
        made["summary-sig-bytes"] = variant("ay", source.summary_signature)
    return variant("a{sv}", {**made, **(more or {})})

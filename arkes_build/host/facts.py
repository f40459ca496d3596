"""Say what the commit of a deployment says of itself, and who vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.store import metadata
from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from arkes_build.store.trust import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a commit says: how many packages, which kernel, by which key and image it was built."""

    packages: int
    kernel: str
    key: str
    image: str


def facts_of(repo: Any, checksum: str) -> Facts:
    """Return what a commit of the machine's repository (``OSTree.Repo``) says of itself."""
    loaded = repo.load_commit(checksum)[1]
    return Facts(
        packages=metadata.length(loaded, "arkes.packages"),
        kernel=metadata.text(loaded, "arkes.kernel"),
        key=metadata.text(loaded, "arkes.key"),
        image=metadata.text(loaded, "arkes.image"),
    )


def signatures_of(
    repo: Any, checksums: Sequence[str], keyrings: Sequence[Path]
) -> dict[str, tuple[Signature, ...]]:
    """Return what each signature of some commits is worth here.

    A commit that was built here has none, and then no key is looked at: that takes time.
    """
    from arkes_build.store.signed import commit_blobs

    blobs = {checksum: commit_blobs(repo, checksum) for checksum in dict.fromkeys(checksums)}
    found: dict[str, tuple[Signature, ...]] = dict.fromkeys(blobs, ())
    signed = [checksum for checksum, parts in blobs.items() if parts]
    if signed:
        found.update(_judged(repo, signed, keyrings))
    return found


def _judged(
    repo: Any, checksums: Sequence[str], keyrings: Sequence[Path]
) -> Iterator[tuple[str, tuple[Signature, ...]]]:
    from arkes_build.store.trust import Keyrings, commit_signatures

    with Keyrings(keyrings) as rings:
        for checksum in checksums:
            yield checksum, commit_signatures(repo, checksum, rings)


def resolved(repo: Any, prefix: str) -> tuple[str, ...]:
    """Return the commits of a repository whose checksum begins so; none for what is no checksum."""
    try:
        found = repo.list_commit_objects_starting_with(prefix, None)[1]
    except binding().glib.Error:
        return ()
    return tuple(sorted(key.unpack()[0] for key in found))

"""Know static deltas: which are wanted, where they lie, what each costs a client.

A delta is a folder, ``deltas/XX/YYY-ZZZ`` in libostree's own base64 of the two commits, with a
``superblock`` and parts beside it. The superblock's form is ostree-repo-static-delta-private.h.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.publishing.transfer import object_path, weigh
from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from arkes_build.project.settings import UpdateSettings

SUPERBLOCK = "superblock"
_TYPE = "(a{sv}tayay(a{sv}aya(say)sstayay)aya(uayttay)a(yaytt))"
_ABOUT, _FALLBACKS = 0, 7


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pair:
    """What a delta is from and to: commits, ``before`` is empty for one from scratch."""

    before: str
    after: str

    @property
    def name(self) -> str:
        """Return the name that a summary has: ``FROM-TO``, or ``TO``."""
        return f"{self.before}-{self.after}" if self.before else self.after

    @property
    def folder(self) -> str:
        """Return the path of the folder inside the repository."""
        text = "-".join(_base64(one) for one in (self.before, self.after) if one)
        return f"deltas/{text[:2]}/{text[2:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A delta that is there; ``size`` is all that a client fetches for it, in bytes.

    ``digest`` is the sha256 of the superblock; ``details`` is what it has of what is said
    beside the commit (its signatures).
    """

    pair: Pair
    size: int
    digest: bytes
    details: bytes


def pair_of(name: str) -> Pair:
    """Return the pair of a name."""
    before, _, after = name.rpartition("-")
    return Pair(before=before, after=after)


def wanted(releases: Sequence[str], updates: UpdateSettings) -> tuple[Pair, ...]:
    """Return the deltas to the newest of a ref's releases, which come newest first."""
    if not releases:
        return ()
    befores = [*releases[1 : 1 + updates.from_last], *([""] if updates.from_scratch else [])]
    return tuple(Pair(before=before, after=releases[0]) for before in befores)


def there(repository: Path) -> Iterator[Path]:
    """Give the folders of all deltas of a repository."""
    yield from sorted((repository / "deltas").glob("??/*"))


def read(repository: Path, pair: Pair, folder: Path | None = None) -> Delta | None:
    """Return a delta that is there whole as far as its folder says; None when it is not.

    ``folder`` is where it lies while it is not yet in its place.
    """
    folder = folder or repository / pair.folder
    try:
        data = (folder / SUPERBLOCK).read_bytes()
    except OSError:
        return None
    glib = binding().glib
    kind = glib.VariantType.new(_TYPE)
    block = glib.Variant.new_from_bytes(kind, glib.Bytes.new(data), False)  # noqa: FBT003 - GLib's own
    if not block.is_normal_form():
        return None
    size = sum(path.stat().st_size for path in folder.iterdir())
    # Clients fetch what is said beside a commit also when the delta has it.
    size += weigh(repository, (object_path(pair.after, "commitmeta"), *_fallbacks(block)))
    about = block.get_child_value(_ABOUT)
    details = about.lookup_value(f"{pair.folder}/commitmeta", None)
    found = b"" if details is None else bytes(details.get_data_as_bytes().get_data() or b"")
    return Delta(pair=pair, size=size, digest=hashlib.sha256(data).digest(), details=found)


def is_up_to_date(repository: Path, delta: Delta) -> bool:
    """Tell whether the delta has what is now said beside its commit."""
    try:
        beside = (repository / object_path(delta.pair.after, "commitmeta")).read_bytes()
    except FileNotFoundError:
        beside = b""
    return beside == delta.details


def names(pairs: Iterable[Pair]) -> frozenset[str]:
    """Return the names of deltas."""
    return frozenset(pair.name for pair in pairs)


def by_name(found: Iterable[Delta]) -> Mapping[str, Delta]:
    """Return name → delta, sorted."""
    return {delta.pair.name: delta for delta in sorted(found, key=lambda one: one.pair.name)}


def _fallbacks(block: Any) -> Iterator[str]:
    """Give the objects that the delta leaves to be fetched alone: ``a(yaytt)``."""
    objects = block.get_child_value(_FALLBACKS)
    for at in range(objects.n_children()):
        checksum = objects.get_child_value(at).get_child_value(1).get_data_as_bytes()
        yield object_path(bytes(checksum.get_data()).hex(), "filez")


def _base64(checksum: str) -> str:
    return b64encode(bytes.fromhex(checksum)).decode().rstrip("=").replace("/", "_")

"""Say in one signed file what the repository has: refs, deltas, and what a download costs.

A client fetches ``summary.sig``, then ``summary``. Neither can fit two of the other: GnuPG
ends at the first signature that does not fit (``gpg --batch``, as libostree runs it), so that
a file with the signatures of both is good for one only. Therefore:

1. Both are written and synced beside the old ones, then renamed without a step between, the
   summary first. A client that has this summary already (most have) asks for ``summary.sig``
   alone as long as that is the old one, and when it is the new one, so is the summary.
2. Each generation also lies whole in a folder of its own, ``summaries/DIGEST``, and
   ``mirrorlist``, one file, says which is the present one. A client whose remote has
   ``url=mirrorlist=…`` gets both files of one generation, whatever moment it asks in.

Times of the two files differ by a second or more from those before, because that is as much
as HTTP's ``Last-Modified`` can tell apart.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.atomic import place_folder, replace_together, write_atomically
from arkes_build.delivery.publishing.transfer import object_path
from arkes_build.store.binding import binding
from arkes_build.store.signed import SIGNATURES, blobs_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from arkes_build.delivery.publishing.deltas import Delta

SUMMARY, SIGNATURE, MIRRORS = "summary", "summary.sig", "mirrorlist"
GENERATIONS = "summaries"
DOWNLOADS = "arkes.downloads"
"""``a{sa(stt)}``: ref → what it costs from which commit (empty: from nothing), by delta
(0: there is none) and by objects, in bytes."""
_TYPE = "(a(s(taya{sv}))a{sv})"
_DELTAS = "ostree.static-deltas"
_GENERATION = 32
"""Digits of a generation's name."""
_SECOND = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """A ref in a summary: its commit, what that says, and the cost of downloads.

    ``downloads`` are (from, delta, objects): a commit or empty, and bytes.
    """

    ref: str
    commit: str
    timestamp: int
    version: str
    downloads: tuple[tuple[str, int, int], ...] = ()


def write(repository: Path, refs: Iterable[Summed], deltas: Mapping[str, Delta]) -> bytes:
    """Return the bytes of a summary (ostree-repo.c, ``ostree_repo_regenerate_summary``).

    No clock: it was last modified when its newest commit was made. Times are big-endian.
    """
    glib = binding().glib
    listed = sorted(refs, key=lambda one: one.ref)
    newest = max((one.timestamp for one in listed), default=0)
    about = {
        DOWNLOADS: glib.Variant("a{sa(stt)}", {one.ref: one.downloads for one in listed}),
        _DELTAS: glib.Variant(
            "a{sv}", {name: _bytes(deltas[name].digest) for name in sorted(deltas)}
        ),
        "ostree.summary.indexed-deltas": glib.Variant("b", False),  # noqa: FBT003 - GLib's own
        "ostree.summary.last-modified": _time(newest),
        "ostree.summary.mode": glib.Variant("s", "archive-z2"),
        "ostree.summary.tombstone-commits": glib.Variant("b", False),  # noqa: FBT003 - GLib's own
    }
    made = glib.Variant.new_tuple(
        glib.Variant.new_array(
            glib.VariantType.new("(s(taya{sv}))"), [_entry(repository, one) for one in listed]
        ),
        glib.Variant("a{sv}", about),
    )
    return bytes(made.get_data_as_bytes().get_data())


def sealed(signatures: Sequence[bytes]) -> bytes:
    """Return the content of ``summary.sig``."""
    made = binding().glib.Variant("a{sv}", {SIGNATURES: binding().glib.Variant("aay", signatures)})
    return bytes(made.get_data_as_bytes().get_data())


def signatures(repository: Path) -> tuple[bytes, ...]:
    """Return the signatures of the summary that is there."""
    found = _variant("a{sv}", repository / SIGNATURE)
    return () if found is None else blobs_in(found)


def held(repository: Path) -> bytes:
    """Return the summary that is there; empty when there is none."""
    return _data(repository / SUMMARY)


def listed(repository: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the commits and the names of the deltas that clients now know of."""
    found = _variant(_TYPE, repository / SUMMARY)
    if found is None or not found.is_normal_form():
        return frozenset(), frozenset()
    refs = found.get_child_value(0)
    entries = (refs.get_child_value(at).get_child_value(1) for at in range(refs.n_children()))
    commits = (bytes(one.get_child_value(1).get_data_as_bytes().get_data()) for one in entries)
    deltas = found.get_child_value(1).lookup_value(_DELTAS, None)
    names = () if deltas is None else deltas.keys()
    return frozenset(one.hex() for one in commits), frozenset(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What clients are to see; ``seal`` is the content of ``summary.sig``, empty for none.

    With ``url``, where clients find the repository, each generation gets its own folder;
    ``commits`` are those that it has the signatures of.
    """

    summary: bytes
    seal: bytes
    url: str
    commits: Sequence[str]


def put(repository: Path, shown: Shown) -> None:
    """Let clients see a summary."""
    summary, seal, url = shown.summary, shown.seal, shown.url
    if url:
        generation = _put_generation(repository, shown)
    if held(repository) != summary or _held_seal(repository) != seal:
        _let_a_second_pass(repository / SUMMARY)
        signature = {repository / SIGNATURE: seal} if seal else {}
        replace_together({repository / SUMMARY: summary, **signature})
        if not seal:
            (repository / SIGNATURE).unlink(missing_ok=True)
    if url:
        mirrors = f"{url}/{GENERATIONS}/{generation}\n{url}\n".encode()
        if _data(repository / MIRRORS) != mirrors:
            write_atomically(repository / MIRRORS, mirrors)


def generations(repository: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all generations, and of those that ``mirrorlist`` leads to."""
    names = frozenset(path.name for path in (repository / GENERATIONS).glob("*"))
    lines = _data(repository / MIRRORS).decode("utf-8", "replace").splitlines()
    return names, names & {line.rpartition("/")[2] for line in lines}


def _put_generation(repository: Path, shown: Shown) -> str:
    """Lay both files, and what else libostree asks a mirror for, into a folder of their own.

    That is the repository's configuration, and what is said beside commits: for these a
    client does not try the next mirror. They are links, as long as it lies here.
    """
    name = hashlib.sha256(shown.summary + shown.seal).hexdigest()[:_GENERATION]
    place = repository / GENERATIONS / name
    if place.exists():
        return name
    folder = repository / "tmp" / f"arkes-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = _data(repository / "config")
    for file, data in ((SUMMARY, shown.summary), (SIGNATURE, shown.seal), ("config", config)):
        if data:
            write_atomically(folder / file, data)
    for commit in shown.commits:
        beside = object_path(commit, "commitmeta")
        (folder / beside).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            (folder / beside).hardlink_to(repository / beside)
    place_folder(folder, place)
    return name


def _let_a_second_pass(path: Path) -> None:
    """Wait until what is written now has another time than ``path``, in whole seconds."""
    try:
        written = path.stat().st_mtime
    except FileNotFoundError:
        return
    left = int(written) + _SECOND - time.time()
    if 0 < left <= _SECOND:  # a time yet to come is somebody's wrong clock
        time.sleep(left)


def _entry(repository: Path, one: Summed) -> Any:
    """Return ``(s(taya{sv}))`` of a ref: name, size of the commit's object, checksum, more."""
    glib = binding().glib
    about = {"ostree.commit.timestamp": _time(one.timestamp)}
    if one.version:
        about["ostree.commit.version"] = glib.Variant("s", one.version)
    size = (repository / object_path(one.commit, "commit")).stat().st_size
    return glib.Variant.new_tuple(
        glib.Variant("s", one.ref),
        glib.Variant.new_tuple(
            glib.Variant("t", size), _bytes(bytes.fromhex(one.commit)), glib.Variant("a{sv}", about)
        ),
    )


def _time(seconds: int) -> Any:
    return binding().glib.Variant("t", int.from_bytes(seconds.to_bytes(8, "big"), "little"))


def _bytes(data: bytes) -> Any:
    return binding().glib.Variant("ay", data)


def _held_seal(repository: Path) -> bytes:
    return _data(repository / SIGNATURE)


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _variant(kind: str, path: Path) -> Any:
    glib = binding().glib
    data = _data(path)
    if not data:
        return None
    return glib.Variant.new_from_bytes(glib.VariantType.new(kind), glib.Bytes.new(data), False)  # noqa: FBT003 - GLib's own

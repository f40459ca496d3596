"""Look at static deltas: superblocks, parts, what they fall back to, and their indexes.

libostree 2022.7 has nothing for it: ``ostree static-delta verify`` looks at signatures only,
and ``show`` at what the superblock says. Layout: ostree-repo-static-delta-private.h.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.soundness.damage import Damage, Kind, Thing
from arkes_build.delivery.soundness.variants import items, raw, read, table, variant, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.delivery.soundness.scan import Seen

_SUPERBLOCK = "(a{sv}tayay(a{sv}aya(say)sstayay)aya(uayttay)a(yaytt))"
_ABOUT, _FROM, _TO, _COMMIT, _PARTS, _FALLBACK = 0, 2, 3, 4, 6, 7
_SIGNED = "(taya{sv})"
_SIGNED_MARK = b"OSTSGNDT"
"""First bytes of a delta with a signature inside: the superblock is its second member."""
_DELTAS = "ostree.static-deltas"
_TYPES = {1: Kind.FILE, 2: Kind.FOLDER, 3: Kind.METADATA, 4: Kind.COMMIT}
"""``OstreeObjectType``."""
_NAME_LENGTH = 43
"""Characters of a checksum in libostree's base64."""


def deltas(repository: Path) -> dict[str, Path]:
    """Return name → folder of each delta; a name is ``FROM-TO`` or ``TO``, in digits."""
    found = {}
    for folder in sorted((repository / "deltas").glob("??/*")):
        if folder.is_dir():
            text = folder.parent.name + folder.name
            found[_name(text) or text] = folder
    return found


def _name(text: str) -> str:
    """Return the checksums in a folder's name; empty when there are none."""
    parts = text.split("-")
    if not all(len(part) == _NAME_LENGTH for part in parts):
        return ""
    try:
        # libostree has _ for /, and no = at the end.
        decoded = (base64.b64decode(f"{part.replace('_', '/')}=", validate=True) for part in parts)
        return "-".join(checksum.hex() for checksum in decoded)
    except ValueError:
        return ""


def delta_damages(
    repository: Path, seen: Seen, in_summary: Mapping[str, bytes]
) -> Iterator[Damage]:
    """Give what is wrong with deltas and their indexes; ``in_summary`` as ``digests`` has it."""
    there = deltas(repository)
    indexed: dict[str, bytes] = {}
    for path in sorted((repository / "delta-indexes").glob("??/*.index")):
        value = variant("a{sv}", read(path))
        told = {} if value is None else digests(value)
        indexed |= told
        why = _unlike(told, there) if told else "it cannot be parsed"
        if why:
            name = str(path.relative_to(repository))
            yield Damage(kind=Kind.DELTA, name=name, what=why)
    for name, folder in there.items():
        yield from _of_delta(name, folder, {**indexed, **in_summary}.get(name), seen)


def digests(about: Any) -> dict[str, bytes]:
    """Return delta → sha256 of its superblock, as a summary or an index says."""
    told = within(about, _DELTAS, "a{sv}")
    return {} if told is None else {name: raw(value) for name, value in table(told).items()}


def _unlike(told: Mapping[str, bytes], there: Mapping[str, Path]) -> str:
    """Say which delta is not what an index says; empty when all are, or cannot be parsed."""
    for delta, digest in sorted(told.items()):
        if delta not in there:
            return f"it names a delta that is not there: {delta}"
        data = read(there[delta] / "superblock")
        if _superblock(data) is not None and hashlib.sha256(data).digest() != digest:
            return f"it says otherwise than the delta {delta} is"
    return ""


def _of_delta(name: str, folder: Path, digest: bytes | None, seen: Seen) -> Iterator[Damage]:
    data = read(folder / "superblock")
    block = _superblock(data)
    if not (folder / "superblock").exists():
        yield _damage(folder, "superblock", "it is not there", is_missing=True)
    elif block is None:
        yield _damage(folder, "superblock", "it cannot be parsed")
    elif digest is not None and hashlib.sha256(data).digest() != digest:
        yield _damage(folder, "superblock", "its content is not what the summary says")
    elif why := _unlike_its_name(block, name):
        yield _damage(folder, "superblock", why)
    else:
        yield from _parts(block, folder)
        for thing in _fallbacks(block):
            if not seen.has(thing):
                what = f"it needs {thing.checksum}, which is not there"
                yield _damage(folder, "superblock", what)


def _damage(folder: Path, file: str, what: str, *, is_missing: bool = False) -> Damage:
    at = f"deltas/{folder.parent.name}/{folder.name}/{file}"
    return Damage(kind=Kind.DELTA, name=at, what=what, is_missing=is_missing)


def _superblock(data: bytes) -> Any:
    """Return a delta's description, also of a signed one; None when it is none."""
    if data.startswith(_SIGNED_MARK):
        outer = variant(_SIGNED, data)
        return None if outer is None else variant(_SUPERBLOCK, raw(items(outer)[1]))
    return variant(_SUPERBLOCK, data)


def _unlike_its_name(block: Any, name: str) -> str:
    """Say how a delta is not the one that its folder is named for; empty when it is."""
    members = items(block)
    before, after = raw(members[_FROM]).hex(), raw(members[_TO]).hex()
    if (f"{before}-{after}" if before else after) != name:
        return "it is for other commits than its folder says"
    commit = hashlib.sha256(raw(members[_COMMIT])).hexdigest()
    return "" if commit == after else "the commit in it is not what its name says"


def _parts(block: Any, folder: Path) -> Iterator[Damage]:
    """Give the damaged parts: each is a file named by its number, or in the superblock."""
    members = items(block)
    inside = table(members[_ABOUT])
    for at, part in enumerate(items(members[_PARTS])):
        if str(at) in inside:
            continue
        try:
            with (folder / str(at)).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").digest()
        except FileNotFoundError:
            yield _damage(folder, str(at), "it is not there", is_missing=True)
        except OSError as error:
            yield _damage(folder, str(at), f"it cannot be read: {error.strerror}")
        else:
            if found != raw(items(part)[1]):
                yield _damage(folder, str(at), "its content is not what the superblock says")


def _fallbacks(block: Any) -> Iterator[Thing]:
    """Give the objects that a client fetches beside the delta."""
    for item in items(items(block)[_FALLBACK]):
        kind, checksum = items(item)[:2]
        if kind.get_byte() in _TYPES:
            yield Thing(_TYPES[kind.get_byte()], raw(checksum).hex())

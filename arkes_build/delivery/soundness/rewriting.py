"""Write anew what can be told from what is whole: refs, books, indexes, deltas, summary."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.delivery.soundness import books as booking
from arkes_build.delivery.soundness.bits import BY_BIT, mended
from arkes_build.delivery.soundness.closure import parse_commit
from arkes_build.delivery.soundness.damage import Kind, Thing
from arkes_build.delivery.soundness.delta_files import delta_damages, deltas
from arkes_build.delivery.soundness.fsck import users
from arkes_build.delivery.soundness.names import is_layer, shown
from arkes_build.delivery.soundness.summaries import SIGNATURE, SUMMARY, digests_of, summary_damages
from arkes_build.delivery.soundness.variants import read
from arkes_build.store.index import write_index
from arkes_build.store.refs import CHECKSUM, PINS
from arkes_build.store.store import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from arkes_build.delivery.soundness.aside import Aside
    from arkes_build.delivery.soundness.donor import Donor
    from arkes_build.delivery.soundness.fsck import World

_LENGTH = 64
_NEAR = 2
"""Digits that may be wrong in a ref: checksums that differ in so few are one and the same."""
FORGOTTEN = "forgotten: the next build commits that layer again"


def refs(world: World, donor: Donor | None, how: MutableMapping[str, str]) -> None:
    """Give refs that name no commit the one that they named."""
    for path, held in list(world.refs.items()):
        if world.seen.has(Thing(Kind.COMMIT, held)):
            continue
        for commit, told in _candidates(world, donor, path, held):
            if commit != held and world.seen.is_good(Thing(Kind.COMMIT, commit)):
                _set(world, path, commit)
                how[path] = told
                break
        else:
            if is_layer(path) and not CHECKSUM.fullmatch(held):
                _drop(world, path)
                how[path] = FORGOTTEN


def _candidates(
    world: World, donor: Donor | None, path: str, held: str
) -> Iterator[tuple[str, str]]:
    """Give commits that a ref may have named, the surest first, and how it is known."""
    if path.startswith(f"refs/heads/{PINS}/"):
        yield path.rpartition("/")[2], "a pin is named for its commit"
    near = [one for one in world.seen.present[Kind.COMMIT] if _is_near(one, held)]
    if len(near) == 1:
        yield near[0], "it differed from a commit that is there by a digit or two"
    for record in world.records.values():
        if record.ref == shown(path):
            yield record.commit, "taken from the record of the last build"
    there = donor.read(path, most=_LENGTH + 16) if donor else None
    if donor and there:
        yield there.decode("ascii", "replace").strip(), f"fetched from {donor.where}"


def _is_near(commit: str, held: str) -> bool:
    other = held[:_LENGTH]
    if len(other) < _LENGTH:
        return False
    return sum(one != two for one, two in zip(commit, other, strict=True)) <= _NEAR


def forget(world: World, aside: Aside, how: MutableMapping[str, str]) -> None:
    """Let nobody build on what could not be made whole.

    1. Refs of layers that are not whole go: the next build commits those layers again.
    2. In a store, a node's ref whose commit is lost goes back to the newest one that is
       there, so that its history goes on and the next build makes the node anew.
    3. Commits that are not whole and that nothing names any more go.
    """
    if not world.bad:
        return
    broken = world.broken()
    for path, commit in list(world.refs.items()):
        is_lost = commit not in world.commits
        if is_layer(path) and (is_lost or commit in broken):
            _drop(world, path)
            how.setdefault(path, FORGOTTEN)
        elif world.store is not None and is_lost and path.startswith("refs/heads/"):
            _go_back(world, aside, path, how)
    named = users(world.refs, world.commits)
    for commit in broken.keys() - named.keys() - world.partial:
        Path(world.checker.path(Thing(Kind.COMMIT, commit))).unlink()
        how[commit] = "removed: nothing needs it any more"


def _go_back(world: World, aside: Aside, path: str, how: MutableMapping[str, str]) -> None:
    lost = world.refs[path]
    there = parse_commit(lost, read(aside.path(Thing(Kind.COMMIT, lost))))
    parent = there.parent if there else ""
    if parent in world.commits:
        _set(world, path, parent)
        how[lost] = f"{shown(path)} went back to {parent[:12]}; the next build makes it anew"
    else:
        _drop(world, path)
        how[lost] = f"{shown(path)} went; the next build makes it anew"


def books(world: World, how: MutableMapping[str, str]) -> None:
    """Write ``store.json`` and the indexes anew; records only a build can make."""
    if world.store is None:
        return
    if booking.identity_damage(world.store) is not None and world.records:
        record = next(iter(world.records.values()))
        said = {"version": VERSION, "family": record.family, "arch": record.arch}
        text = json.dumps(said, indent=1).encode() + b"\n"
        write_atomically(world.store / booking.IDENTITY, text)
        how[booking.IDENTITY] = "written anew from the records"
    for damage in booking.index_damages(world.store, world.records, world.whole, world.repo):
        node = Path(damage.name).stem
        about = world.records.get(node)
        known = booking.known_of(world.repo, about) if about else None
        if about and known and about.commit in world.whole:
            write_index(world.store, node, known)
            how[damage.name] = "written anew from the commit"


def served(world: World, donor: Donor | None, how: MutableMapping[str, str]) -> None:
    """Bring back deltas and the summary: from the donor, or from what they are made of."""
    said = digests_of(world.repository)
    for damage in list(delta_damages(world.repository, world.seen, said)):
        if damage.name not in how:
            _delta_file(world, damage.name, donor, how)
    left = list(delta_damages(world.repository, world.seen, said))
    if not list(summary_damages(world.repository, world.refs, world.checker)):
        return
    if donor and _summary_from(world, donor):
        how[SUMMARY] = how[SIGNATURE] = f"fetched from {donor.where}"
    elif not left and not world.bad and not (world.repository / SIGNATURE).exists():
        world.repo.regenerate_summary(None, None)
        how[SUMMARY] = "written anew from the refs"


def _delta_file(
    world: World, name: str, donor: Donor | None, how: MutableMapping[str, str]
) -> None:
    """Put the right bytes in the place of one file of a delta, if anybody has them."""
    path = world.repository / name
    digest = _digest_of(world, name)
    there = donor.read(name) if donor else None
    if donor and there is not None and _fits(there, digest):
        write_atomically(path, there)
        how[name] = f"fetched from {donor.where}"
    elif digest and (right := mended(read(path), digest)) is not None:
        write_atomically(path, right)
        how[name] = BY_BIT


def _digest_of(world: World, name: str) -> str:
    """Return the sha256 that the summary says of a superblock; empty for other files."""
    if Path(name).name != "superblock":
        return ""
    at = (world.repository / name).parent
    names = (key for key, folder in deltas(world.repository).items() if folder == at)
    return digests_of(world.repository).get(next(names, ""), b"").hex()


def _fits(data: bytes, digest: str) -> bool:
    return not digest or hashlib.sha256(data).hexdigest() == digest


def _summary_from(world: World, donor: Donor) -> bool:
    """Take the donor's summary and signature if they say what is here; tell whether."""
    kept = {name: world.repository / name for name in (SIGNATURE, SUMMARY)}
    before = {name: path.read_bytes() if path.exists() else None for name, path in kept.items()}
    there = {name: donor.read(name) for name in kept}
    if there[SUMMARY] is None:
        return False
    _write(kept, there)
    if not list(summary_damages(world.repository, world.refs, world.checker)):
        return True
    _write(kept, before)
    return False


def _write(paths: dict[str, Path], data: dict[str, bytes | None]) -> None:
    for name, path in paths.items():
        content = data[name]
        if content is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, content)


def _set(world: World, path: str, commit: str) -> None:
    write_atomically(world.repository / path, f"{commit}\n".encode())
    world.refs[path] = commit


def _drop(world: World, path: str) -> None:
    (world.repository / path).unlink(missing_ok=True)
    world.refs.pop(path, None)

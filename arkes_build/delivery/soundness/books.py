"""Look at what a store keeps beside its repository: what it is, records, indexes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from arkes_build.core.names import Arch, Family
from arkes_build.delivery.soundness.damage import Damage, Kind, Thing
from arkes_build.plan.keys import key
from arkes_build.store import records
from arkes_build.store.binding import binding
from arkes_build.store.index import known_in, read_index
from arkes_build.store.trees import CommittedTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.delivery.soundness.closure import CommitObject
    from arkes_build.delivery.soundness.scan import Seen
    from arkes_build.plan.state import Record
    from arkes_build.project.known import Known

IDENTITY = "store.json"


def identity_damage(store: Path) -> Damage | None:
    """Say what is wrong with ``store.json``, None when nothing is."""
    try:
        found = json.loads((store / IDENTITY).read_bytes())
        _known = int(found["version"]), Family(found["family"]), Arch(found["arch"])
    except OSError as error:
        what = f"it cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, RecursionError):
        what = "it does not say what the store is for"
    else:
        return None
    return Damage(kind=Kind.STORE, name=IDENTITY, what=what)


def read_records(store: Path) -> tuple[dict[str, Record], list[Damage]]:
    """Return the records that are right in themselves, by node, and what is wrong with others."""
    good, damages = {}, []
    for path in sorted((store / "records").glob("*.json")):
        try:
            record = records.from_json(path.read_bytes())
            why = _unlike_itself(record, path.stem)
        except OSError as error:
            why = f"it cannot be read: {error.strerror}"
        except records.RecordUnreadable as error:
            why = str(error)
        if why:
            damages.append(_damage(path.stem, why))
        else:
            good[record.node] = record
    return good, damages


def record_damages(
    good: Mapping[str, Record], commits: Mapping[str, CommitObject], seen: Seen
) -> Iterator[Damage]:
    """Give the records that are not about the commit that they name."""
    for node, record in good.items():
        commit = commits.get(record.commit)
        if not seen.has(Thing(Kind.COMMIT, record.commit)):
            yield _damage(node, f"its commit {record.commit} is not there")
        elif commit is not None and commit.packages != record.packages:
            yield _damage(node, "it lists other packages than its commit")


def index_damages(
    store: Path, good: Mapping[str, Record], whole: frozenset[str], repo: Any
) -> Iterator[Damage]:
    """Give the indexes that do not say what the commit has; only ``whole`` commits are asked."""
    for path in sorted((store / "index").glob("*.json")):
        record = good.get(path.stem)
        found = read_index(store, path.stem)
        if found is None:
            what = "it cannot be read"
        elif record and record.commit in whole and found != known_of(repo, record):
            what = "it is not what the commit has"
        else:
            continue
        yield Damage(kind=Kind.INDEX, name=f"index/{path.name}", what=what, users=_user(record))


def known_of(repo: Any, record: Record) -> Known | None:
    """Return what an index should say; None when the tree cannot be read after all."""
    try:
        return known_in(CommittedTree(repo, record.commit), record.packages)
    except binding().glib.Error:
        return None


def _unlike_itself(record: Record, node: str) -> str:
    if record.node != node:
        return f"it belongs to {record.node[:80]!r}"
    return "" if key(record.inputs) == record.key else "its inputs are not those of its key"


def _damage(node: str, what: str) -> Damage:
    return Damage(kind=Kind.RECORD, name=f"records/{node}.json", what=what)


def _user(record: Record | None) -> tuple[str, ...]:
    return (record.ref,) if record else ()

"""Find what a store keeps and nobody has a use for."""

import os
from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.store.leftovers import Kind, leftovers, records
from arkes_build.store.store import Store

COMMIT = "c" * 64


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", family=Family.DEBIAN, arch=Arch.X86_64)


def put(path: Path, text: str = "", time: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time, time))


def names(store, found):
    return [(one.kind, str(Path(one.path).relative_to(store.path))) for one in found]


def test_a_record_without_a_commit_is_of_a_node_that_is_gone(store, make_node, make_record):
    for name in ("base", "old"):
        store.save(make_record(make_node(name), ref=f"test/x86_64/{name}"))
    put(store.path / "records/damaged.json", "{")
    put(store.path / "records/No node.json", "{")
    put(store.path / "repo/refs/heads/test/x86_64/base", f"{COMMIT}\n")
    put(store.path / f"repo/objects/{COMMIT[:2]}/{COMMIT[2:]}.commit")
    there, gone = records(store)
    assert (set(there), gone) == ({"base"}, {"old"})


def test_what_nobody_has_a_use_for(store, make_node, make_record):
    kept, built = "a" * 64, make_record(make_node("base"), key="b" * 64)
    for name in ("base", "old", "orphan", "damaged"):
        put(store.path / f"index/{name}.json")
    for name in ("base", "old", "damaged"):
        put(store.path / f"records/{name}.json")
    for at, key in enumerate("abcd"):
        put(store.path / f"logs/base/{key * 12}.log", time=at)
        put(store.path / f"logs/old/{key * 12}.log", time=at)
    put(store.path / "logs/base/notes.txt")
    put(store.path / "cache/packages/a.deb")
    found = leftovers(store.path, gone={"old"}, recorded={"base": built}, keys={kept})
    assert names(store, found) == [
        (Kind.RECORD, "records/old.json"),
        (Kind.RECORD, "index/old.json"),
        (Kind.RECORD, "index/orphan.json"),
        (Kind.LOG, "logs/base/cccccccccccc.log"),  # the last one may tell why it failed
        (Kind.LOG, "logs/old/cccccccccccc.log"),
        (Kind.LOG, "logs/old/dddddddddddd.log"),
    ]
    everything = leftovers(
        store.path, gone={"old"}, recorded={"base": built}, keys={kept}, downloads=True
    )
    assert names(store, set(everything) - set(found)) == [(Kind.DOWNLOAD, "cache/packages/a.deb")]


def test_an_empty_store_has_nothing_left_over(store):
    assert records(store) == ({}, frozenset())
    assert leftovers(store.path, gone=(), recorded={}, keys=(), downloads=True) == ()

"""Write the summary, and let clients see it and its signature in the right order."""

import hashlib
from pathlib import Path

import pytest

from arkes_build.delivery.publishing import summary
from arkes_build.delivery.publishing.deltas import Delta, Pair
from arkes_build.store.binding import binding

A, B = "0a" * 32, "0b" * 32


@pytest.fixture
def repository(tmp_path):
    for commit in (A, B):
        path = tmp_path / f"objects/{commit[:2]}/{commit[2:]}.commit"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 50)
        path.with_suffix(".commitmeta").write_bytes(b"signed")
    (tmp_path / "config").write_text("[core]\nmode=archive\n")
    return tmp_path


def summed(ref, commit, timestamp, downloads=()):
    return summary.Summed(
        ref=ref, commit=commit, timestamp=timestamp, version="1.0", downloads=downloads
    )


def unpacked(data):
    glib = binding().glib
    kind = glib.VariantType.new("(a(s(taya{sv}))a{sv})")
    return glib.Variant.new_from_bytes(kind, glib.Bytes.new(data), False).unpack()


def test_what_a_summary_says(repository):
    pair = Pair(before=A, after=B)
    delta = Delta(pair=pair, size=10, digest=b"\1" * 32, details=b"")
    refs = [summed("os/b", B, 200, ((A, 10, 20), ("", 0, 90))), summed("os/a", A, 100)]
    data = summary.write(repository, refs, {pair.name: delta})
    big = int.from_bytes((200).to_bytes(8, "big"), "little")
    entries, about = unpacked(data)
    assert [(name, size, bytes(commit).hex()) for name, (size, commit, _more) in entries] == [
        ("os/a", 50, A),
        ("os/b", 50, B),
    ]
    assert entries[1][1][2] == {
        "ostree.commit.timestamp": big,
        "ostree.commit.version": "1.0",
    }
    assert about == {
        "arkes.downloads": {"os/a": [], "os/b": [(A, 10, 20), ("", 0, 90)]},
        "ostree.static-deltas": {pair.name: [1] * 32},
        "ostree.summary.indexed-deltas": False,
        "ostree.summary.last-modified": big,
        "ostree.summary.mode": "archive-z2",
        "ostree.summary.tombstone-commits": False,
    }
    assert summary.write(repository, reversed(refs), {pair.name: delta}) == data
    (repository / "summary").write_bytes(data)
    assert summary.listed(repository) == ({A, B}, {pair.name})


@pytest.mark.parametrize("data", [b"", b"\0", b"no summary at all", b"\xff" * 99])
def test_a_summary_that_is_none_lists_nothing(repository, data):
    (repository / "summary").write_bytes(data)
    assert summary.listed(repository) == (frozenset(), frozenset())


def test_signatures_come_back(repository):
    (repository / "summary.sig").write_bytes(summary.sealed([b"one", b"two"]))
    assert summary.signatures(repository) == (b"one", b"two")


def shown(data, seal=b"seal", url=""):
    return summary.Shown(summary=data, seal=seal, url=url, commits=[A])


def renames(monkeypatch):
    done = []
    real = Path.replace

    def replace(self, target):
        done.append(Path(target).name)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return done


def test_the_summary_comes_right_before_its_signature(repository, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    summary.put(repository, shown(b"old", b"old seal"))
    done = renames(monkeypatch)
    summary.put(repository, shown(b"new", b"new seal"))
    assert done[-2:] == ["summary", "summary.sig"]
    assert (repository / "summary").read_bytes() == b"new"
    assert (repository / "summary.sig").read_bytes() == b"new seal"


def test_a_generation_lies_whole_before_the_list_names_it(repository, monkeypatch):
    done = renames(monkeypatch)
    summary.put(repository, shown(b"new", url="https://example.org/os"))
    name = hashlib.sha256(b"newseal").hexdigest()[:32]
    shown_at = len(done) - 1 - done[::-1].index("summary")
    assert done.index(name) < shown_at < done.index("mirrorlist")
    folder = repository / "summaries" / name
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    beside = f"objects/{A[:2]}/{A[2:]}.commitmeta"
    assert files == ["config", beside, "summary", "summary.sig"]
    lines = (repository / "mirrorlist").read_text().splitlines()
    assert lines == [f"https://example.org/os/summaries/{name}", "https://example.org/os"]
    assert summary.generations(repository) == ({name}, {name})


def test_without_a_signature_an_old_one_goes(repository, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    summary.put(repository, shown(b"old"))
    summary.put(repository, shown(b"new", b""))
    assert not (repository / "summary.sig").exists()


def test_the_same_again_writes_nothing(repository, monkeypatch):
    summary.put(repository, shown(b"same", url="https://example.org/os"))
    done = renames(monkeypatch)
    summary.put(repository, shown(b"same", url="https://example.org/os"))
    assert done == []


def test_two_summaries_never_have_the_same_second(repository, monkeypatch):
    slept = []
    (repository / "summary").write_bytes(b"old")
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr("time.time", lambda: (repository / "summary").stat().st_mtime + 0.001)
    summary.put(repository, shown(b"new"))
    assert len(slept) <= 1
    assert all(0 < seconds <= 1 for seconds in slept)

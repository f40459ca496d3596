"""Turn single bits: each is found, named, and turned back where the source is there."""

import subprocess
import zlib

import pytest

from arkes_build.delivery.soundness.fsck import fsck
from arkes_build.store.trust import Keyrings

pytestmark = pytest.mark.engine

IN_STORE = {
    "file": (40, "repo/objects/??/*.file"),
    "dirtree": (40, "repo/objects/??/*.dirtree"),
    "dirmeta": (15, "repo/objects/??/*.dirmeta"),
    "commit": (30, "repo/objects/??/*.commit"),
    "ref": (12, "repo/refs/heads/test/x86_64/*"),
    "index": (12, "index/*.json"),
}
PUBLISHED = {
    "file": (30, "objects/??/*.filez"),
    "dirtree": (15, "objects/??/*.dirtree"),
    "dirmeta": (10, "objects/??/*.dirmeta"),
    "commit": (15, "objects/??/*.commit"),
    "commitmeta": (12, "objects/??/*.commitmeta"),
    "delta": (30, "deltas/??/*/*"),
    "summary": (15, "summary*"),
}
"""Kind of damage → rounds, and the files that one bit of is turned in."""


def victims(folder, pattern):
    found = (path for path in sorted(folder.glob(pattern)) if not path.is_symlink())
    return [path for path in found if path.stat().st_size]


@pytest.mark.parametrize("kind", IN_STORE)
def test_a_bit_of_a_store_is_found_and_turned_back(kind, made, tools, chance):
    rounds, pattern = IN_STORE[kind]
    before = tools.contents(made.path)
    files = victims(made.path, pattern)
    for _ in range(rounds):
        tools.flip(chance.choice(files), chance)
        assert kind in {damage.kind.value for damage in made.look().damages}
        told = made.repair()
        assert [str(damage) for damage in told.left] == []
        assert tools.contents(made.path) == before
    assert made.look().damages == ()
    done = subprocess.run(["ostree", f"--repo={made.repo}", "fsck"], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("kind", PUBLISHED)
def test_a_bit_of_a_published_repository_is_found_and_turned_back(
    kind, archive, published, keys, tools, chance
):
    rounds, pattern = PUBLISHED[kind]
    before = files_of(archive, tools)
    files = victims(published, pattern)
    # gpg takes its time, and only what is signed needs it.
    with Keyrings([keys[0]]) as known:
        keyrings = known if kind in {"commitmeta", "summary"} else None
        for _ in range(rounds):
            victim = chance.choice(files)
            tools.flip(victim, chance)
            found = fsck(published, keyrings=keyrings)[0].damages
            if not found:
                assert is_harmless(archive / victim.relative_to(published), victim, published)
                victim.write_bytes((archive / victim.relative_to(published)).read_bytes())
                continue
            assert kind in {damage.kind.value for damage in found}
            told = tools.repair(published, keyrings=keyrings, source=archive)
            assert [str(damage) for damage in told.left] == []
            assert files_of(published, tools) == before


def is_harmless(good, bad, repo):
    """Tell whether a flipped bit says nothing: the rest of a last byte, a comment of OpenPGP."""
    if bad.suffix == ".filez":
        return body(good) == body(bad)
    return bad.suffix == ".commitmeta" or bad.name == "summary.sig"


def files_of(folder, tools):
    """Return path → content; of a link without the size, where libostree leaves any number."""
    found = tools.contents(folder)
    found.pop(".lock", None)
    return {name: told(data) if name.endswith(".filez") else data for name, data in found.items()}


def told(data):
    head = 8 + int.from_bytes(data[:4], "big")
    content = zlib.decompressobj(-15).decompress(data[head:])
    return data[:8], data[16:head], len(content), content


def body(path):
    return told(path.read_bytes())

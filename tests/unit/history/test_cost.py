"""Weigh trees, and what the way from one to another costs."""

import random
import zlib

import pytest

from arkes_build.history.cost import Coster, Weight, weigh
from arkes_build.history.forecast import Cost
from arkes_build.history.trees import Root, Trees
from tests.unit.history.test_trees import dirtree

META, OTHER_META = "e" * 64, "f" * 64
HEADER = 34


@pytest.fixture
def repo(tmp_path):
    (tmp_path / "config").write_text("[core]\nmode=bare\n")

    def write(checksum, ending, data):
        path = tmp_path / "objects" / checksum[:2] / f"{checksum[2:]}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return checksum

    for meta in (META, OTHER_META):
        write(meta, ".dirmeta", b"x" * 12)
    return Trees(tmp_path), write


def packed(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return len(packer.compress(data) + packer.flush())


def test_a_tree_weighs_what_its_files_do(repo):
    trees, write = repo
    file = write("a" * 64, ".file", b"12345")
    inner = write("1" * 64, ".dirtree", dirtree([("x", file), ("y", file)]))
    root = Root(write("2" * 64, ".dirtree", dirtree([("z", file)], [("d", inner, META)])), META)
    assert weigh(trees, root) == Weight(files=3, bytes=15)
    fewer = Root(write("3" * 64, ".dirtree", dirtree([], [("d", inner, META)])), META)
    assert weigh(trees, fewer, (root, Weight(files=3, bytes=15))) == Weight(files=2, bytes=10)


def test_only_new_objects_cost_something(repo):
    trees, write = repo
    data = b"text " * 1000
    kept, came = write("a" * 64, ".file", b"kept"), write("b" * 64, ".file", data)
    before = dirtree([("old", kept)])
    after = dirtree([("moved", kept), ("new", came), ("twice", came)])
    one = Root(write("1" * 64, ".dirtree", before), META)
    other = Root(write("2" * 64, ".dirtree", after), OTHER_META)
    assert Coster(trees).cost(one, other) == Cost(
        objects=3,
        content_bytes=len(data) + len(after) + 12,
        object_bytes=packed(data) + HEADER + len(after) + 12,
    )
    assert Coster(trees).cost(one, one) == Cost(objects=0, content_bytes=0, object_bytes=0)


def test_what_is_too_much_to_compress_is_estimated_and_always_the_same(repo):
    trees, write = repo
    chance = random.Random(1)  # noqa: S311 - nothing to keep secret
    files = []
    for at in range(40):
        data = chance.randbytes(50_000) + b"0" * 50_000
        files.append((f"f{at:02}", write(chance.randbytes(32).hex(), ".file", data)))
    before = Root(write("1" * 64, ".dirtree", b""), META)
    after = Root(write("2" * 64, ".dirtree", dirtree(files)), META)
    costs = {Coster(trees, exact=1 << 20, jobs=jobs).cost(before, after) for jobs in (1, 2, 3)}
    (cost,) = costs
    assert cost.is_estimate
    assert cost.object_bytes == pytest.approx(40 * 50_000, rel=0.02)
    exact = Coster(trees).cost(before, after)
    assert not exact.is_estimate
    assert cost.content_bytes == exact.content_bytes

"""Find what trees need, and the order in which they may go."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from arkes_build.delivery.keeping.objects import FILES, META, TREE, Name
from arkes_build.delivery.keeping.reach import Reached, outermost_first
from arkes_build.store.errors import StoreDamaged


@dataclass(frozen=True)
class Root:
    tree: str
    meta: str = "m"


@dataclass
class Folder:
    files: dict = field(default_factory=dict)
    folders: dict = field(default_factory=dict)


TREES = {
    "new": Folder({"a": "f1"}, {"usr": ("usr2", "m"), "etc": ("etc", "m")}),
    "old": Folder({"a": "f0"}, {"usr": ("usr1", "m"), "etc": ("etc", "m")}),
    "usr1": Folder({"x": "f2", "y": "f3"}, {"share": ("share", "n")}),
    "usr2": Folder({"x": "f2", "y": "f4"}, {"share": ("share", "m")}),
    "share": Folder({"z": "f5"}),
    "etc": Folder({"z": "f5"}),
    "torn": Folder({"a": "f9"}, {"gone": ("gone", "m")}),
}


@pytest.fixture
def read(tmp_path):
    asked = []

    def read(tree):
        asked.append(tree)
        if tree not in TREES:
            raise StoreDamaged(tmp_path, found=tree)
        return TREES[tree]

    read.asked = asked
    return read


def test_what_two_trees_share_is_looked_into_once(read):
    reached = Reached()
    reached.follow(Root("new"), read)
    reached.follow(Root("new"), read)
    assert reached == Reached({"new", "usr2", "share", "etc"}, {"m"}, {"f1", "f2", "f4", "f5"})
    assert sorted(read.asked) == ["etc", "new", "share", "usr2"]


def test_beyond_is_what_nothing_else_needs(read):
    reached = Reached()
    reached.follow(Root("new"), read)
    file = FILES[0]
    expected = {Name("old", TREE), Name("usr1", TREE), Name("n", META)}
    expected |= {Name("f0", file), Name("f3", file)}
    assert set(reached.beyond(Root("old"), read, file=file)) == expected
    assert reached.beyond(Root("old"), read, file=file) == []


def test_what_stays_must_be_whole_and_what_goes_need_not(read):
    with pytest.raises(StoreDamaged):
        Reached().follow(Root("torn"), read)
    found = Reached().beyond(Root("torn"), read, file=FILES[1])
    assert found == [Name("m", META), Name("torn", TREE), Name("f9", FILES[1]), Name("gone", TREE)]


def test_each_directory_goes_before_those_inside_it(read):
    order = outermost_first(["share", "usr1", "etc", "old", "gone", "usr2"], read)
    assert sorted(order) == ["etc", "gone", "old", "share", "usr1", "usr2"]
    for outer, inner in [("old", "usr1"), ("usr1", "share"), ("old", "etc"), ("usr2", "share")]:
        assert order.index(outer) < order.index(inner)


def test_a_deep_tree_needs_no_deep_stack(tmp_path):
    deep = 5_000
    chain = {str(at): Folder({}, {"d": (str(at + 1), "m")}) for at in range(deep)}
    chain[str(deep)] = Folder()
    order = outermost_first(chain, chain.__getitem__)
    assert all(int(one) < int(other) for one, other in pairwise(order))

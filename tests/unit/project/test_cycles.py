"""Check rings, small and large."""

import pytest

from arkes_build.project.cycles import find_cycles

TABLE = {
    "no nodes": ({}, ()),
    "a chain": ({"c": ["b"], "b": ["a"], "a": []}, ()),
    "a diamond": ({"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": []}, ()),
    "a node that needs itself": ({"a": ["a"]}, (("a",),)),
    "two nodes": ({"b": ["a"], "a": ["b"]}, (("a", "b"),)),
    "a ring with a tail": ({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}, (("a", "b", "c"),)),
    "two rings apart": ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, (("a", "b"), ("c", "d"))),
    "two rings that share a node": (
        {"a": ["b", "c"], "b": ["a"], "c": ["a"]},
        (("a", "b"), ("a", "c")),
    ),
    "names nobody has": ({"a": ["nobody"]}, ()),
}


@pytest.mark.parametrize(("needs", "expected"), TABLE.values(), ids=TABLE.keys())
def test_find(needs, expected):
    assert find_cycles(needs) == expected


def test_a_chain_longer_than_the_stack():
    needs = {str(i): [str(i + 1)] for i in range(20_000)}
    assert find_cycles(needs) == ()
    assert len(find_cycles({**needs, "20000": ["0"]})[0]) == 20_001

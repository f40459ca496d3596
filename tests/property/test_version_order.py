"""Hold our order of versions against the tools whose order it is."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arkes_build.history.versions import dpkg_order, pacman_order

pytestmark = pytest.mark.engine

piece = st.one_of(
    st.integers(0, 120).map(str),
    st.sampled_from(["00", "007", "a", "b", "rc", "beta", "alpha", "git", "Z", "z"]),
)
separator = st.sampled_from(["", ".", ".", "..", "+", "~", "~~", ".~", "_"])
upstream = st.lists(st.tuples(piece, separator), min_size=1, max_size=5).map(
    lambda parts: "".join(map("".join, parts))
)


def versions(upstream, revision):
    epoch = st.sampled_from(["", "", "0:", "1:", "2:"])
    tail = st.one_of(st.just(""), revision.map(lambda text: f"-{text}"))
    return st.tuples(epoch, upstream, tail).map("".join)


def near(strategy):
    """Make pairs that often have a beginning in common: there the order is decided late."""
    again = st.tuples(strategy, separator, piece)
    other = again.map(lambda found: (found[0], found[0] + found[1] + found[2]))
    return st.one_of(st.tuples(strategy, strategy), other, other.map(lambda pair: pair[::-1]))


debian = versions(
    upstream.map(lambda text: "1" + text.replace("_", "")),
    upstream.map(lambda t: t.replace("_", "")),
)
arch = versions(upstream, st.integers(0, 30).map(lambda n: f"{n / 10:g}"))


def sign(number):
    return (number > 0) - (number < 0)


def dpkg_says(pair):
    for word, answer in (("lt", -1), ("eq", 0), ("gt", 1)):
        argv = ["dpkg", "--compare-versions", pair[0], word, pair[1]]
        if subprocess.run(argv, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return answer
    raise AssertionError(pair)


@settings(max_examples=300, deadline=None)
@given(near(debian))
def test_dpkg_agrees(pair):
    assert dpkg_order(*pair) == dpkg_says(pair)


@settings(max_examples=600, deadline=None)
@given(near(arch))
def test_pacman_agrees(pair):
    argv = ["vercmp", *pair]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert sign(pacman_order(*pair)) == int(said)


@given(debian, debian, debian)
def test_dpkg_order_is_an_order(one, two, three):
    assert dpkg_order(one, two) == -dpkg_order(two, one)
    if dpkg_order(one, two) <= 0 and dpkg_order(two, three) <= 0:
        assert dpkg_order(one, three) <= 0

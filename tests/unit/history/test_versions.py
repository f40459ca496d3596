"""The order of versions, by the cases that are known to be hard; the tools judge the others."""

import pytest

from arkes_build.history.versions import dpkg_order, pacman_order


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param("1.9", "1.10", id="numbers are numbers"),
        pytest.param("1.0~rc1", "1.0", id="a tilde comes before the end"),
        pytest.param("1.0", "1.0a", id="the end comes before a letter"),
        pytest.param("1.0a", "1.0+b", id="a letter comes before all else"),
        pytest.param("9.0", "1:0.1", id="an epoch beats all"),
        pytest.param("1.0-1", "1.0-1+deb13u1", id="a security release"),
        pytest.param("1.0", "1.0-1", id="no revision is the lowest"),
        pytest.param("1.0-1", "1.0-1-1", id="the last hyphen begins the revision"),
        pytest.param(f"1.{'9' * 5000}", f"1.1{'0' * 5000}", id="more digits than int takes"),
    ],
)
def test_dpkg(older, newer):
    assert (dpkg_order(older, newer), dpkg_order(newer, older)) == (-1, 1)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param("1.9-1", "1.10-1", id="numbers are numbers"),
        pytest.param("1.0rc1-1", "1.0-1", id="letters at the end are older"),
        pytest.param("1.0-1", "1.0.1-1", id="one part more"),
        pytest.param("9.0-1", "1:0.1-1", id="an epoch beats all"),
        pytest.param("1.0-9", "1.0-10", id="the release counts too"),
        pytest.param("1.a-1", "1.1-1", id="a letter is older than a number"),
        pytest.param(f"1.{'9' * 5000}-1", f"1.1{'0' * 5000}-1", id="more digits than int takes"),
    ],
)
def test_pacman(older, newer):
    assert (pacman_order(older, newer), pacman_order(newer, older)) == (-1, 1)


@pytest.mark.parametrize("order", [dpkg_order, pacman_order])
@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0"), ("1.01", "1.1"), ("0:1", "1")])
def test_the_same_in_another_spelling(order, one, other):
    assert order(one, other) == 0


def test_pacman_ignores_a_release_that_only_one_has():
    assert pacman_order("1.0", "1.0-5") == 0

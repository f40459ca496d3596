"""Choose deltas, and know their places."""

import pytest

from arkes_build.delivery.publishing.deltas import Pair, pair_of, wanted
from arkes_build.delivery.publishing.making import JOB_MEMORY, hands
from arkes_build.project.settings import UpdateSettings

A, B, C = "0a" * 32, "0b" * 32, "0c" * 32


@pytest.mark.parametrize(
    ("releases", "from_last", "from_scratch", "befores"),
    [
        pytest.param([], 3, True, [], id="nothing of what is not there"),
        pytest.param([A], 3, True, [""], id="a first release only from scratch"),
        pytest.param([A], 3, False, [], id="a first release without anything"),
        pytest.param([A, B, C], 3, True, [B, C, ""], id="from all that are there"),
        pytest.param([A, B, C], 1, True, [B, ""], id="from the last"),
        pytest.param([A, B, C], 0, False, [], id="from none"),
    ],
)
def test_which_deltas_are_wanted(releases, from_last, from_scratch, befores):
    updates = UpdateSettings(from_last=from_last, from_scratch=from_scratch)
    pairs = [Pair(before=before, after=A) for before in befores]
    assert list(wanted(releases, updates)) == pairs


@pytest.mark.parametrize(
    ("pair", "name", "folder"),
    [
        pytest.param(
            Pair(before="", after="ff" * 32),
            "ff" * 32,
            "deltas/__/________________________________________8",
            id="from scratch, a slash is an underscore",
        ),
        pytest.param(
            Pair(before=A, after=B),
            f"{A}-{B}",
            "deltas/Cg/oKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo"
            "-CwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCws",
            id="from another",
        ),
    ],
)
def test_names_and_places(pair, name, folder):
    assert (pair.name, pair.folder) == (name, folder)
    assert pair_of(name) == pair


@pytest.mark.parametrize(
    ("free", "most"),
    [
        pytest.param(0, 1, id="one when there is no memory at all"),
        pytest.param(JOB_MEMORY * 2 - 1, 1, id="one in memory for one"),
        pytest.param(JOB_MEMORY * 2, 2, id="two in memory for two"),
    ],
)
def test_as_many_hands_as_there_is_memory_for(free, most, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert hands(free) == most


def test_no_more_hands_than_cores(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert hands(JOB_MEMORY * 100) == 3

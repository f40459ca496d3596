"""What becomes of a local change depends on what the default becomes."""

import pytest

from arkes_build.history.model import Kind
from arkes_build.host.etc.drift import Drift
from arkes_build.host.etc.joining import Effect, Fate, NewDefault, in_question, join
from arkes_build.host.etc.things import Sort

CHANGED, ADDED, REMOVED = Kind.CHANGED, Kind.ADDED, Kind.REMOVED
FILE, FOLDER = NewDefault(sort=Sort.FILE), NewDefault(sort=Sort.FOLDER)
MINE = NewDefault(sort=Sort.FILE, is_mine=True)


def local(kind, detail="", **more):
    return Drift(path="a", kind=kind, detail=detail, **more)


CASES = [
    pytest.param(local(CHANGED), {}, None, None, id="the default stays"),
    pytest.param(local(CHANGED), {"a": CHANGED}, FILE, Fate.SHADOWS, id="both changed"),
    pytest.param(local(CHANGED), {"a": CHANGED}, None, Fate.SHADOWS, id="both, nobody looked"),
    pytest.param(local(CHANGED), {"a": CHANGED}, MINE, Fate.SAME, id="both to the same"),
    pytest.param(local(ADDED), {"a": ADDED}, FILE, Fate.SHADOWS, id="both new"),
    pytest.param(
        local(CHANGED), {"a": REMOVED}, NewDefault(sort=None), Fate.OUTLIVES, id="default gone"
    ),
    pytest.param(local(REMOVED), {"a": CHANGED}, FILE, Fate.STAYS_AWAY, id="removed here"),
    pytest.param(local(REMOVED), {"a": REMOVED}, None, None, id="removed by both"),
    pytest.param(local(CHANGED), {"a": CHANGED}, FOLDER, Fate.BLOCKS, id="becomes a directory"),
    pytest.param(local(ADDED), {"a/b": ADDED}, None, Fate.BLOCKS, id="a directory comes there"),
    pytest.param(local(ADDED), {"a/b": REMOVED}, None, None, id="something below was there"),
    pytest.param(
        local(CHANGED, "directory → file"), {}, FOLDER, Fate.BLOCKS, id="was a directory, and is"
    ),
    pytest.param(
        local(CHANGED, "directory → link"), {}, None, Fate.BLOCKS, id="was one, nobody looked"
    ),
    pytest.param(
        local(CHANGED, "directory → file"),
        {"a/b": REMOVED},
        NewDefault(sort=None),
        None,
        id="was a directory, which goes",
    ),
    pytest.param(
        local(ADDED, is_folder=True), {"a": ADDED}, FILE, None, id="a directory over a file"
    ),
    pytest.param(
        local(CHANGED, "mode 0755 → 0700", is_folder=True, is_kept=False),
        {},
        None,
        Fate.RESET,
        id="what libostree forgets",
    ),
]


@pytest.mark.parametrize(("drift", "defaults", "new", "fate"), CASES)
def test_the_fate_of_a_change(drift, defaults, new, fate):
    expected = (
        ()
        if fate is None
        else (Effect(path="a", fate=fate, detail=drift.detail, is_folder=drift.is_folder),)
    )
    assert join([drift], defaults, lambda _path: new) == expected


def test_only_what_names_do_not_settle_is_looked_at():
    drifts = [
        Drift(path="both", kind=CHANGED),
        Drift(path="mine", kind=CHANGED),
        Drift(path="was-folder", kind=CHANGED, detail="directory → file"),
    ]
    asked = []
    join(drifts, {"both": CHANGED, "theirs": ADDED}, asked.append)
    assert asked == list(in_question(drifts, {"both": CHANGED, "theirs": ADDED}))
    assert asked == ["both", "was-folder"]

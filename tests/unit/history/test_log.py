"""Tell releases from what their commits say."""

from types import SimpleNamespace

import pytest

from arkes_build.history import log as module
from arkes_build.history.forecast import Cost, Forecast, Since, text
from arkes_build.history.log import Told, log

COMMITS = tuple(digit * 64 for digit in "abcd")


def forecast(*commits):
    cost = Cost(objects=1, content_bytes=2, object_bytes=3)
    since = tuple(Since(commit=c, version="1", timestamp=1, cost=cost) for c in commits)
    return text(Forecast(files=9, bytes=99, since=since))


class History:
    """Play a chain of commits, the newest first."""

    repo = None

    def __init__(self, forecasts, oldest=None):
        self.infos = [
            SimpleNamespace(
                checksum=COMMITS[at],
                parent=COMMITS[at + 1] if at + 1 < len(forecasts) else oldest,
                node="base",
                version="1.0",
                timestamp=at,
                kernel="",
                packages=("a=1",),
                forecast=said,
            )
            for at, said in enumerate(forecasts)
        ]

    def resolve(self, name):
        return COMMITS[0]

    def releases(self, checksum):
        return iter(self.infos)


@pytest.fixture(autouse=True)
def no_signatures(monkeypatch):
    monkeypatch.setattr(module, "commit_blobs", lambda repo, checksum: ())


@pytest.mark.parametrize(
    ("forecasts", "told"),
    [
        pytest.param([forecast(COMMITS[1]), forecast()], [Told.CHANGES, Told.FIRST], id="told"),
        pytest.param(["", ""], [Told.NOTHING, Told.FIRST], id="from before commits said so"),
        pytest.param([forecast(COMMITS[2]), ""], [Told.NOTHING, Told.FIRST], id="another parent"),
        pytest.param(["{", ""], [Told.UNREADABLE, Told.FIRST], id="damaged"),
    ],
)
def test_each_release_says_what_it_tells(forecasts, told):
    found = log(History(forecasts), "base", count=9, pinned={COMMITS[1]})
    assert [one.told for one in found.releases] == told
    assert [one.is_pinned for one in found.releases] == [False, True]
    assert (found.is_cut, found.oldest_parent) == (False, None)


def test_as_many_are_told_as_are_asked_for():
    found = log(History([forecast(COMMITS[1]), ""]), "base", count=1, pinned=())
    assert (len(found.releases), found.is_cut) == (1, True)
    assert (found.releases[0].bytes, found.releases[0].since.commit) == (99, COMMITS[1])


def test_a_release_before_that_is_gone_is_named():
    assert log(History([""], COMMITS[3]), "base", count=9, pinned=()).oldest_parent == COMMITS[3]

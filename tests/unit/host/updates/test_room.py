"""Whether a release fits is known before it is fetched, as far as its size is."""

import dataclasses

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.updates import room
from arkes_build.host.updates.errors import NoRoom
from arkes_build.host.updates.outlook import Cost, Outlook, Release, State

MIB = 1 << 20
OUTLOOK = Outlook(
    ref="arkes/x86_64/base",
    url="https://example.org",
    state=State.NEWER,
    before=Release(commit="a" * 64, version="1", timestamp=1),
    after=Release(commit="b" * 64, version="2", timestamp=2),
)


def with_cost(**cost):
    return dataclasses.replace(OUTLOOK, cost=Cost(**cost))


@pytest.mark.parametrize(
    "outlook",
    [
        pytest.param(with_cost(download=10, disk=50 * MIB), id="it fits"),
        pytest.param(with_cost(download=None, disk=None), id="nobody knows"),
        pytest.param(
            dataclasses.replace(with_cost(download=10, disk=900 * MIB), is_here=True),
            id="it is here already",
        ),
    ],
)
def test_what_fits_or_is_not_known_may_be_tried(monkeypatch, tmp_path, outlook):
    monkeypatch.setattr(room, "free_bytes", lambda _path: 100 * MIB)
    room.must_fit(tmp_path, outlook)


@pytest.mark.parametrize(
    "outlook",
    [
        pytest.param(with_cost(download=10 * MIB, disk=90 * MIB), id="no room for folders"),
        pytest.param(
            with_cost(download=30 * MIB, disk=60 * MIB, by_delta=True),
            id="no room for the delta beside what it becomes",
        ),
    ],
)
def test_what_does_not_fit_is_refused(monkeypatch, tmp_path, outlook):
    monkeypatch.setattr(room, "free_bytes", lambda _path: 100 * MIB)
    with pytest.raises(NoRoom, match="106 MiB are needed, 100 MiB are free") as caught:
        room.must_fit(tmp_path, outlook)
    assert caught.value.exit_code is ExitCode.DISK_FULL
    assert caught.value.details == "nothing was downloaded"


def test_what_libostree_keeps_free_is_not_counted(tmp_path):
    assert room.free_bytes(tmp_path) >= 0

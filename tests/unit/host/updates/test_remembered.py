"""What a look found is kept by root, and read by everybody; a broken file is none."""

import dataclasses

import pytest

from arkes_build.host.updates.outlook import Cost, Outlook, Release, State
from arkes_build.host.updates.remembered import Remembered, path_of, read, remember

OUTLOOK = Outlook(
    ref="arkes/x86_64/base",
    url="https://example.org",
    state=State.NEWER,
    before=Release(commit="a" * 64, version="1", timestamp=1),
    after=Release(commit="b" * 64, version="2", timestamp=2),
    cost=Cost(download=1000, disk=2000),
)


def test_what_was_found_is_read_again(host):
    found = remember(host, OUTLOOK)
    assert found == Remembered(
        when=int(host.clock()),
        state="newer",
        ref="arkes/x86_64/base",
        commit="b" * 64,
        version="2",
        is_available=True,
        download=1000,
    )
    assert read(host) == found


def test_whoever_may_not_write_leaves_what_is_there(host):
    other = dataclasses.replace(host, uid=lambda: 1000)
    assert remember(other, OUTLOOK).is_available
    assert read(host) is None


def test_what_cannot_be_kept_is_found_all_the_same(host):
    host.var.parent.mkdir(parents=True)
    host.var.write_text("no folder\n")
    assert remember(host, OUTLOOK).is_available


def test_what_fell_is_not_available(host):
    assert not remember(host, dataclasses.replace(OUTLOOK, state=State.FALLEN)).is_available


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"when": "x"}', "[" * 9000])
def test_a_file_that_is_none_says_nothing(host, text):
    path_of(host).parent.mkdir(parents=True)
    path_of(host).write_text(text)
    assert read(host) is None

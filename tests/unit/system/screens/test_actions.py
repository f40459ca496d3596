"""What was done is told in lines that fit, and what a command did in one or two."""

from dataclasses import replace

import pytest

from arkes_build.host.going import Gone
from arkes_build.host.records import Record
from arkes_build.system.screens.actions import gone_lines, gone_shape, log_lines, log_shape


@pytest.fixture
def old(make_deployment):
    return make_deployment("1.1")


@pytest.fixture
def new(make_deployment):
    return make_deployment("1.2")


def told(action, before, after, **more):
    return gone_lines(Gone(action=action, before=before, after=after, **more))


def test_another_one_boots_next(old, new):
    assert told("rollback", new, old) == [
        "base 1.1 (111111111111) boots next, not base 1.2 (222222222222).",
        "Reboot to go there.",
    ]


def test_the_running_one_stays(old, new):
    assert told("revert", new, replace(old, is_booted=True)) == [
        "base 1.1 (111111111111) boots next, not base 1.2 (222222222222).",
        "It is running: no reboot is needed.",
    ]


def test_a_staged_one_is_given_up(old, new):
    assert told("revert", new, replace(old, is_booted=True), dropped=True) == [
        "base 1.2 (222222222222) is given up: base 1.1 (111111111111) stays."
    ]


def test_another_source_names_its_signer(old, new):
    after = replace(new, ref="arkes2:arkes/x86_64/server")
    assert told("rebase", old, after, is_staged=True, signer="Example\x1b[0m") == [
        "A good signature by Example.",
        "This machine follows arkes2:arkes/x86_64/server from now on.",
        "base 1.2 (222222222222) boots next, not base 1.1 (111111111111).",
        "It comes into place when this machine shuts down: reboot to finish.",
    ]


def test_other_arguments_are_listed(old):
    after = replace(old, serial=1, kargs=("rw", "debug"))
    assert told("kargs", old, after, is_staged=True) == [
        "The kernel of base 1.1 (111111111111) starts with:",
        "  rw",
        "  debug",
        "It comes into place when this machine shuts down: reboot to finish.",
    ]


def test_nothing_to_do_is_said(old):
    assert told("deploy", old, old) == [
        "base 1.1 (111111111111) boots next already: nothing to do."
    ]
    assert gone_shape(Gone(action="deploy", before=old, after=old))["changed"] is False


DONE = (
    Record(
        action="upgrade",
        when=1_793_900_000,
        before="1" * 64,
        after="2" * 64,
        version="1.2",
        ref="arkes/x86_64/base",
        seconds=62.4,
        size=1_700_000,
    ),
    Record(
        action="upgrade",
        when=1_793_800_000,
        result="disk-full",
        detail="no room for \x1b[31m1.2",
        after="2" * 64,
    ),
    Record(action="edit", when=10**18, detail="/etc/system/Systemfile"),
)


def test_the_log(golden, make_screen):
    golden("log.txt", log_lines(DONE, make_screen(100)))
    assert log_lines((), make_screen(100)) == ["Nothing was done to this machine yet."]


def test_the_log_in_json():
    (first, *_) = log_shape(DONE)["actions"]
    assert (first["before"], first["after"], first["bytes"]) == ("1" * 64, "2" * 64, 1_700_000)

"""Revert undoes what was done last; rollback goes to and fro; both say when there is nothing."""

from dataclasses import replace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host import records
from arkes_build.host.going import (
    NothingBefore,
    NothingToRevert,
    StagedWaits,
    revert,
    rollback,
)


@pytest.fixture
def old(make_deployment):
    return make_deployment("1.1")


@pytest.fixture
def new(make_deployment):
    return make_deployment("1.2")


def running(deployment):
    return replace(deployment, is_booted=True)


def order(sysroot):
    return [each.version for each in sysroot.deployments()]


def test_revert_goes_back_behind_the_upgrade_that_runs(with_deployments, old, new):
    host, sysroot = with_deployments(running(new), old)
    gone = revert(host)
    assert (gone.before.version, gone.after.version) == ("1.2", "1.1")
    assert (gone.needs_reboot, gone.dropped, gone.is_staged) == (True, False, False)
    assert order(sysroot) == ["1.1", "1.2"]
    (record,) = records.read(host)
    assert (record.action, record.before, record.after) == ("revert", "2" * 64, "1" * 64)


def test_revert_gives_up_what_is_staged_and_touches_nothing_else(
    with_deployments, old, new, make_deployment
):
    staged = make_deployment("1.3", is_staged=True)
    host, sysroot = with_deployments(staged, running(new), old)
    gone = revert(host)
    assert (gone.dropped, gone.needs_reboot) == (True, False)
    assert sysroot.asked == [("undeploy", "1.3")]
    assert order(sysroot) == ["1.2", "1.1"]


def test_revert_lets_stay_what_was_booted_by_hand(with_deployments, old, new):
    host, sysroot = with_deployments(new, running(old))
    records.append(host, action="upgrade", before="1" * 64, after="2" * 64)
    gone = revert(host)
    assert (gone.after.version, gone.needs_reboot) == ("1.1", False)
    assert order(sysroot) == ["1.1", "1.2"]


@pytest.mark.parametrize("is_rebooted", [False, True], ids=["before the reboot", "after it"])
def test_a_second_revert_is_refused_and_names_rollback(with_deployments, old, new, is_rebooted):
    host, sysroot = with_deployments(running(new), old)
    revert(host)
    if is_rebooted:
        _, sysroot = with_deployments(running(old), new)
        host = replace(host, opener=lambda _host: sysroot)
    asked = list(sysroot.asked)
    with pytest.raises(NothingToRevert) as caught:
        revert(host)
    assert caught.value.exit_code == ExitCode.SYSTEM
    assert caught.value.brief == (
        "the last upgrade is undone already: base 1.1 (111111111111) boots next"
    )
    assert caught.value.resolution == "`sudo os rollback` goes to base 1.2 (222222222222)"
    assert sysroot.asked == asked


def test_after_another_upgrade_revert_works_again(with_deployments, old, new, make_deployment):
    host, _ = with_deployments(running(new), old)
    revert(host)
    records.append(host, action="upgrade", before="1" * 64, after="3" * 64)
    third = make_deployment("1.3")
    _, sysroot = with_deployments(running(third), old)
    revert(replace(host, opener=lambda _host: sysroot))
    assert order(sysroot) == ["1.1", "1.3"]


def test_a_failed_upgrade_after_a_revert_changes_nothing(with_deployments, old, new):
    host, _ = with_deployments(running(new), old)
    revert(host)
    records.append(host, action="upgrade", result="network")
    with pytest.raises(NothingToRevert):
        revert(host)


def test_one_deployment_is_nothing_to_undo(with_deployments, old):
    host, sysroot = with_deployments(running(old))
    with pytest.raises(NothingToRevert) as caught:
        revert(host)
    assert caught.value.brief == "there is no upgrade to undo: this machine has one deployment"
    with pytest.raises(NothingBefore):
        rollback(host)
    assert sysroot.asked == []
    assert records.read(host) == ()


def test_rollback_goes_to_and_fro(with_deployments, old, new):
    host, sysroot = with_deployments(running(new), old)
    assert rollback(host).after.version == "1.1"
    assert order(sysroot) == ["1.1", "1.2"]
    gone = rollback(host)
    assert (gone.after.version, gone.needs_reboot) == ("1.2", False)
    assert order(sysroot) == ["1.2", "1.1"]


def test_rollback_leaves_alone_what_is_staged(with_deployments, old, new, make_deployment):
    host, sysroot = with_deployments(make_deployment("1.3", is_staged=True), running(new), old)
    with pytest.raises(StagedWaits) as caught:
        rollback(host)
    assert caught.value.brief == (
        "base 1.3 (333333333333) is staged, and comes into place when this machine shuts down"
    )
    assert sysroot.asked == []


def test_what_fell_is_undone_already(with_deployments, old, new):
    host, sysroot = with_deployments(running(new), replace(old, is_pinned=True))
    records.append(host, action="upgrade", before="2" * 64, after="3" * 64)
    records.append(host, action="fell-back", before="3" * 64, after="2" * 64)
    with pytest.raises(NothingToRevert) as caught:
        revert(host)
    assert caught.value.resolution == "`sudo os rollback` goes to base 1.1 (111111111111)"
    assert sysroot.asked == []


def test_an_upgrade_that_never_came_into_place_is_nothing_to_undo(with_deployments, old, new):
    host, sysroot = with_deployments(running(new), replace(old, is_pinned=True))
    records.append(host, action="upgrade", before="2" * 64, after="3" * 64)
    with pytest.raises(NothingToRevert):
        revert(host)
    assert sysroot.asked == []


def test_a_build_deploys_nothing_that_could_be_undone(with_deployments, old, new):
    host, sysroot = with_deployments(running(new), old)
    revert(host)
    records.append(host, action="build", before="1" * 64, after="3" * 64)
    with pytest.raises(NothingToRevert):
        revert(host)
    assert order(sysroot) == ["1.1", "1.2"]

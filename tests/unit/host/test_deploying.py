"""What a word for a release means: a deployment that is here, or something of elsewhere."""

from dataclasses import replace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.deploying import deploy
from arkes_build.host.going import revert, rollback
from arkes_build.host.kargs import Edits, change, present
from arkes_build.host.machine import NothingDeployed
from arkes_build.host.naming import DeploymentAmbiguous, DeploymentUnknown
from arkes_build.host.rebasing import rebase
from arkes_build.host.releases import FellHere
from arkes_build.sysroot.fallen import Fallen, write


@pytest.fixture
def two(with_deployments, make_deployment):
    pinned = make_deployment("1.2", is_pinned=True, tries=0, is_blessed=False)
    return with_deployments(make_deployment("1.1", is_booted=True), pinned)


def test_a_role_that_nothing_has_is_not_looked_for_elsewhere(two):
    host, sysroot = two
    with pytest.raises(DeploymentUnknown) as caught:
        deploy(host, "staged")
    assert caught.value.brief == "this machine has no deployment 'staged'"
    assert sysroot.asked == []


def test_what_fell_and_stayed_because_it_is_pinned_wants_to_be_asked_for(two):
    host, sysroot = two
    fell = Fallen(commit="2" * 64, version="1.2", ref="", when=1, reason="panic", tries=3)
    write(host.var, fell)
    with pytest.raises(FellHere) as caught:
        deploy(host, "1.2")
    assert (caught.value.exit_code, sysroot.asked) == (ExitCode.FALLEN, [])
    assert deploy(host, "1.2", again=True).after.version == "1.2"


def test_a_beginning_that_two_commits_have_is_refused(with_deployments, make_deployment):
    one = make_deployment("1.1", checksum="abcd" + "1" * 60)
    host, sysroot = with_deployments(one, make_deployment("1.2", checksum="abcd" + "2" * 60))
    with pytest.raises(DeploymentAmbiguous):
        deploy(host, "abcd")
    assert sysroot.asked == []


def test_of_one_version_the_newest_is_meant(with_deployments, make_deployment):
    newer, older = make_deployment("1.2"), make_deployment("1.2", checksum="f" * 64)
    host, _ = with_deployments(make_deployment("1.1", is_booted=True), newer, older)
    assert deploy(host, "1.2").after == replace(newer, index=1)


@pytest.mark.parametrize(
    "act",
    [
        lambda host: deploy(host, "1.2"),
        lambda host: rebase(host, "base"),
        lambda host: change(host, Edits(append=("quiet",))),
        present,
        revert,
        rollback,
    ],
    ids=["deploy", "rebase", "kargs", "kargs to look at", "revert", "rollback"],
)
def test_a_list_that_is_empty_is_told_as_such(with_deployments, act):
    host, _ = with_deployments()
    with pytest.raises(NothingDeployed):
        act(host)

"""A machine with a Systemfile of its own takes a release only when that builds on it."""

from types import SimpleNamespace

import pytest

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host import building
from arkes_build.host.updates.outlook import State
from arkes_build.plan.actions import ActionType
from arkes_build.store.binding import binding

pytestmark = pytest.mark.engine

LOCAL = "local/x86_64/system"


class StepFailed(ArkesError):
    exit_code = ExitCode.BUILD_STEP


class Builder:
    """Stand for podman: what is built is the release below with another version."""

    def __init__(self, machine):
        self.machine = machine
        self.built = []
        self.fails = False
        self.is_edited = False

    def build(self, host, base, _sink=None):
        if self.fails:
            raise StepFailed("RUN false ended with 1", resolution="Systemfile:2")
        glib, repo = binding().glib, self.machine.sysroot.repo
        version = f"{len(self.built) + 1}+local"
        about = {"version": glib.Variant("s", version), "arkes.base": glib.Variant("s", base)}
        root = repo.read_commit(base, None)[1]
        repo.prepare_transaction(None)
        made = repo.write_commit(None, version, None, glib.Variant("a{sv}", about), root, None)[1]
        repo.transaction_set_ref(None, LOCAL, made)
        repo.commit_transaction(None)
        self.built.append(base)
        self.is_edited = False
        assert host.systemfile.is_file()
        return SimpleNamespace(commit=made, version=version, ref=LOCAL)

    def plan(self, _host, _base):
        kind = ActionType.BUILD if self.is_edited else ActionType.REUSE
        return SimpleNamespace(type=kind), None


@pytest.fixture
def own(vendor, make_machine, monkeypatch):
    """Return a machine with a Systemfile, and what builds it."""
    machine = make_machine(vendor.release())
    machine.host.systemfile.parent.mkdir(parents=True)
    machine.host.systemfile.write_text("FROM arkes:base\n")
    builder = Builder(machine)
    monkeypatch.setattr(building, "build_machine", builder.build)
    monkeypatch.setattr(building, "plan_machine", builder.plan)
    return machine, builder


def test_the_systemfile_is_built_on_what_came(vendor, own):
    machine, builder = own
    second = vendor.release({"motd": "new\n"})
    machine.upgrade()
    assert builder.built == [second]
    assert (machine.deployment.ref, machine.deployment.base) == (LOCAL, "arkes:arkes/x86_64/base")
    assert machine.look().state is State.CURRENT
    third = vendor.release({"motd": "newer\n"})
    found = machine.look()
    assert (found.state, found.before.commit, found.after.commit) == (State.NEWER, second, third)
    assert [one.name for one in found.defaults] == ["motd"]
    machine.upgrade()
    assert builder.built == [second, third]
    machine.fsck()


def test_an_edited_systemfile_is_built_without_a_new_release(vendor, own):
    machine, builder = own
    machine.upgrade()
    assert machine.look().state is State.CURRENT
    builder.is_edited = True
    assert machine.look().state is State.REBUILD
    before = machine.deployment.checksum
    machine.upgrade()
    assert machine.deployment.checksum != before
    assert machine.look().state is State.CURRENT


def test_without_its_systemfile_a_machine_goes_back_to_the_release(vendor, own):
    machine, _builder = own
    machine.upgrade()
    machine.host.systemfile.unlink()
    machine.upgrade()
    assert (machine.deployment.ref, machine.deployment.base) == ("arkes:arkes/x86_64/base", "")


def test_a_systemfile_that_fails_leaves_the_machine_as_it_was(vendor, own):
    machine, builder = own
    vendor.release({"motd": "new\n"})
    builder.fails = True
    before = machine.state()[0], machine.state()[2]
    with pytest.raises(StepFailed) as caught:
        machine.upgrade()
    assert (caught.value.exit_code, caught.value.resolution) == (13, "Systemfile:2")
    assert (machine.state()[0], machine.state()[2]) == before
    assert machine.records()[-1][:2] == ("upgrade", "build-step")
    builder.fails = False
    machine.upgrade()
    assert machine.deployment.base

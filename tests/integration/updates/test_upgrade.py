"""An update is looked at before it is taken, and refused when it is not what it should be."""

import pytest

from arkes_build.host.updates.outlook import State

pytestmark = pytest.mark.engine


def test_what_is_newer_is_shown_and_taken(vendor, make_machine, server):
    first = vendor.release(packages=("bash=1", "old=1"))
    machine = make_machine(first)
    (machine.etc / "motd").write_text("Mine\n")
    second = vendor.release({"motd": "Welcome again\n"}, kernel="6.2", packages=("bash=2", "new=1"))
    server.sent.clear()
    found = machine.look()
    machine.upgrade()
    assert (found.state, found.after.commit) == (State.NEWER, second)
    assert machine.deployment.checksum == second
    assert (machine.etc / "motd").read_text() == "Mine\n"
    machine.fsck()

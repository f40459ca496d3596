"""What is not what a trusted key signed is not taken, and a source that is away is named."""

import os

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.delivery.trust.source import RefUnknown
from arkes_build.delivery.trust.verified import RefForeign
from arkes_build.host.lock import HostBusy, held
from arkes_build.host.updates.following import FollowsNothing
from arkes_build.host.updates.reaching import SourceAway
from arkes_build.store.signed import ObjectTampered
from arkes_build.store.trust import (
    NobodyTrusted,
    SignatureBad,
    SignatureForeign,
    SignatureMissing,
)
from arkes_build.system import command
from arkes_build.system.main import main

pytestmark = pytest.mark.engine


def flip(path, at=-3):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.unlink()
    path.write_bytes(data)


def _unsigned_commit(vendor, commit):
    vendor.object(commit, "commitmeta").unlink()


def _bad_signature(vendor, commit):
    flip(vendor.object(commit, "commitmeta"), -20)


def _foreign_key(vendor, commit):
    vendor.object(commit, "commitmeta").unlink()
    vendor.sign_anew(commit, "Somebody")


def _unsigned_summary(vendor, _commit):
    (vendor.published / "summary.sig").unlink()


def _changed_summary(vendor, _commit):
    flip(vendor.published / "summary")


def _commit_tampered(vendor, commit):
    flip(vendor.object(commit, "commit"))


def _object_tampered(vendor, _commit):
    """Change the largest file that comes: all before it looks as it should."""
    found = (path for path in vendor.published.glob("objects/*/*.filez") if not path.is_symlink())
    flip(max(found, key=lambda path: path.stat().st_size), -40)


def _other_ref(vendor, _commit):
    """Offer, under our ref, a commit that was signed for another one."""
    vendor.offer(vendor.release_other())


REFUSED = [
    pytest.param(_unsigned_commit, SignatureMissing, id="a commit that nobody signed"),
    pytest.param(_bad_signature, SignatureBad, id="a signature that does not fit"),
    pytest.param(_foreign_key, SignatureForeign, id="a commit signed by another key"),
    pytest.param(_unsigned_summary, SignatureMissing, id="a summary that nobody signed"),
    pytest.param(_changed_summary, SignatureBad, id="a summary that was changed"),
    pytest.param(_commit_tampered, ObjectTampered, id="a commit that was changed"),
    pytest.param(_object_tampered, ObjectTampered, id="a file that was changed"),
    pytest.param(_other_ref, RefForeign, id="a commit that was made for another ref"),
]


@pytest.mark.parametrize(("spoil", "error"), REFUSED)
def test_what_nobody_vouches_for_leaves_the_machine_as_it_was(vendor, make_machine, spoil, error):
    machine = make_machine(vendor.release())
    commit = vendor.release(files={"usr/bin/large": os.urandom(9000)})
    spoil(vendor, commit)
    before = machine.state()
    with pytest.raises(error) as caught:
        machine.upgrade()
    assert caught.value.exit_code is ExitCode.SIGNATURE
    assert machine.state() == before
    machine.fsck()


def test_without_a_key_nothing_is_taken(vendor, make_machine):
    machine = make_machine(vendor.release())
    vendor.release({"motd": "new\n"})
    for ring in machine.host.keyrings:
        ring.unlink()
    with pytest.raises(NobodyTrusted) as caught:
        machine.look()
    assert caught.value.exit_code is ExitCode.SIGNATURE


def test_a_source_that_is_away_is_named(vendor, make_machine):
    machine = make_machine(vendor.release(), url="http://127.0.0.1:9/repo")
    with pytest.raises(SourceAway) as caught:
        machine.look()
    assert caught.value.exit_code is ExitCode.NETWORK
    assert caught.value.details.startswith("tried http://127.0.0.1:9/repo/summary.sig; ")


def test_a_source_that_breaks_off_leaves_the_machine_as_it_was(vendor, make_machine, server):
    machine = make_machine(vendor.release())
    second = vendor.release(files={f"usr/lib/f{n}": os.urandom(9000) for n in range(9)})
    before = machine.state()

    def away(path):
        if path.endswith(".filez") or "/deltas/" in path:
            raise ConnectionError

    server.before = away
    with pytest.raises(SourceAway) as caught:
        machine.upgrade()
    assert caught.value.exit_code is ExitCode.NETWORK
    assert machine.state() == before
    server.before = lambda _path: None
    assert machine.upgrade().commit == second


def test_a_ref_that_is_not_there_any_more_is_named(vendor, make_machine):
    machine = make_machine(vendor.release())
    (vendor.published / "refs/heads/arkes/x86_64/base").unlink()
    vendor.update_summary()
    with pytest.raises(RefUnknown):
        machine.look()


def test_a_machine_that_follows_nothing_says_so(vendor, make_machine):
    machine = make_machine(vendor.release())
    machine.forget_remote()
    with pytest.raises(FollowsNothing) as caught:
        machine.look()
    assert caught.value.exit_code is ExitCode.SYSTEM


def test_two_at_once_are_one_and_a_refusal(vendor, make_machine, monkeypatch, capsys):
    machine = make_machine(vendor.release())
    monkeypatch.setattr(command, "make_host", lambda: machine.host)
    with held(machine.host, doing="upgrade"):
        assert main(["upgrade"]) == HostBusy.exit_code
        assert main(["upgrade", "--plan"]) == 0
    assert "`os upgrade` (process" in capsys.readouterr().err

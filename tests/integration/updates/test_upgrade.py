"""An update is looked at before it is taken, and what it means for /etc comes true."""

import os
import shutil
import time
from dataclasses import replace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.history.model import Kind, NameChange, PackageChange
from arkes_build.host.etc.joining import Effect, Fate
from arkes_build.host.updates.errors import EtcBlocked, ReleaseFell, ReleaseOlder
from arkes_build.host.updates.looking import look_ahead
from arkes_build.host.updates.outlook import State
from arkes_build.sysroot import fallen

pytestmark = pytest.mark.engine


def fates(outlook):
    return {one.path: one.fate for one in outlook.effects}


def test_what_is_newer_is_shown_and_taken(vendor, make_machine, server):
    first = vendor.release(packages=("bash=1", "old=1"))
    machine = make_machine(first)
    (machine.etc / "motd").write_text("Mine\n")
    second = vendor.release(
        {"motd": "Welcome again\n", "new": "new\n"}, kernel="6.2", packages=("bash=2", "new=1")
    )
    found = machine.look()
    assert (found.state, found.before.commit, found.after.commit) == (State.NEWER, first, second)
    assert (found.before.version, found.after.version, found.signer) == ("1.1", "1.2", "Vendor")
    assert found.kernel == ("6.1", "6.2")
    assert found.packages == (
        PackageChange(name="bash", before="1", after="2", kind=Kind.UPGRADED),
        PackageChange(name="new", before="", after="1", kind=Kind.ADDED),
        PackageChange(name="old", before="1", after="", kind=Kind.REMOVED),
    )
    assert found.defaults == (
        NameChange(name="motd", kind=Kind.CHANGED),
        NameChange(name="new", kind=Kind.ADDED),
    )
    assert found.effects == (Effect(path="motd", fate=Fate.SHADOWS, detail="content"),)
    taken = machine.upgrade()
    assert (taken.commit, taken.version, taken.is_deployed) == (second, "1.2", True)
    assert [each.checksum for each in machine.sysroot.deployments()] == [second, first]
    assert (machine.etc / "motd").read_text() == "Mine\n"
    assert (machine.etc / "new").read_text() == "new\n"
    assert machine.deployment.ref == "arkes:arkes/x86_64/base"
    assert machine.records() == [("upgrade", "ok", second)]
    machine.fsck()


def test_nothing_to_do_is_said_at_once_and_nothing_is_written(vendor, make_machine, server):
    machine = make_machine(vendor.release())
    before, server.sent[:] = machine.everything(), []
    begin = time.monotonic()
    found = machine.look()
    assert time.monotonic() - begin < 5
    assert (found.state, found.has_something) == (State.CURRENT, False)
    assert [path for path, _ in server.sent] == ["/summary.sig", "/summary"]
    assert machine.everything() == before


def test_a_plan_writes_nothing_into_the_machine(vendor, make_machine):
    machine = make_machine(vendor.release())
    (machine.etc / "motd").write_text("Mine\n")
    vendor.release({"motd": "Other\n"}, tells=False)
    before = machine.everything()
    assert fates(machine.look()) == {"motd": Fate.SHADOWS}
    assert machine.everything() == before


def _edit(etc):
    """Change /etc in each of the ways that there are."""
    (etc / "shadowed").write_text("mine\n")
    (etc / "same").write_text("new\n")
    (etc / "outlives").write_text("mine\n")
    (etc / "away").unlink()
    (etc / "gone-both").unlink()
    (etc / "added").write_text("mine\n")
    (etc / "untouched-default").write_text("mine\n")
    (etc / "d").chmod(0o700)
    os.setxattr(etc / "issue", "user.note", b"mine")


OLD = dict.fromkeys(
    ("shadowed", "same", "outlives", "away", "gone-both", "untouched-default"), "old\n"
)
NEW = {
    "shadowed": "new\n",
    "same": "new\n",
    "outlives": None,
    "away": "new\n",
    "gone-both": None,
    "untouched-default": "old\n",
    "added": "theirs\n",
}


@pytest.mark.parametrize("tells", [True, False], ids=["by the forecast", "by what is fetched"])
def test_what_becomes_of_local_changes_is_foreseen_and_comes_true(vendor, make_machine, tells):
    machine = make_machine(vendor.release(OLD))
    _edit(machine.etc)
    vendor.release(NEW, tells=tells)
    assert fates(machine.look()) == {
        "shadowed": Fate.SHADOWS,
        "same": Fate.SAME,
        "outlives": Fate.OUTLIVES,
        "away": Fate.STAYS_AWAY,
        "added": Fate.SHADOWS,
        "d": Fate.RESET,
        "issue": Fate.RESET,
    }
    machine.upgrade()
    etc = machine.etc
    texts = {name: (etc / name).read_text() for name in ("shadowed", "same", "outlives", "added")}
    assert texts == {"shadowed": "mine\n", "same": "new\n", "outlives": "mine\n", "added": "mine\n"}
    assert (etc / "untouched-default").read_text() == "mine\n"
    assert not (etc / "away").exists()
    assert not (etc / "gone-both").exists()
    assert (etc / "d").stat().st_mode & 0o777 == 0o755
    assert os.listxattr(etc / "issue") == []


def _file_for_a_folder(etc):
    shutil.rmtree(etc / "d")
    (etc / "d").write_text("a file\n")


def _file_where_a_folder_comes(etc):
    (etc / "conf.d").write_text("a file\n")


@pytest.mark.parametrize("tells", [True, False], ids=["by the forecast", "by what is fetched"])
@pytest.mark.parametrize(
    ("edit", "path"),
    [
        pytest.param(_file_for_a_folder, "d", id="a file where a directory was and is"),
        pytest.param(_file_where_a_folder_comes, "conf.d", id="a file where a directory comes"),
    ],
)
def test_what_libostree_would_not_merge_is_refused_before_the_download(
    vendor, make_machine, server, edit, path, tells
):
    machine = make_machine(vendor.release())
    edit(machine.etc)
    vendor.release({"conf.d/a": "a\n"}, tells=tells, files={"usr/bin/large": os.urandom(9000)})
    found = machine.look()
    assert [one.path for one in found.blocked] == [path]
    before, server.sent[:] = machine.state(), []
    with pytest.raises(EtcBlocked) as caught:
        machine.upgrade()
    assert (caught.value.exit_code, caught.value.details) == (ExitCode.SYSTEM, f"/etc/{path}")
    assert max(size for _, size in server.sent) < 9000
    assert machine.state() == before


def test_a_delta_is_priced_and_used(vendor, make_machine, server):
    data = bytearray(os.urandom(1 << 20))
    machine = make_machine(vendor.release(files={"usr/lib/large": bytes(data)}))
    data[1000] ^= 1
    vendor.release(files={"usr/lib/large": bytes(data)})
    found = machine.look()
    assert found.cost.by_delta
    assert found.cost.download < 100_000
    server.sent.clear()
    machine.upgrade()
    # Nothing is said of loose objects: libostree may ask for one while its delta is on its way.
    fetched = sum(size for path, size in server.sent if "/deltas/" in path)
    assert fetched - 4000 < found.cost.download <= fetched
    machine.fsck()


def test_what_is_fetched_before_the_download_is_small(vendor, make_machine, server):
    files = {f"usr/lib/f{number}": os.urandom(2000) for number in range(200)}
    machine = make_machine(vendor.release(files=files))
    vendor.release(files={name: os.urandom(2000) for name in files})
    server.sent.clear()
    found = machine.look()
    asked = sum(size for _, size in server.sent)
    assert asked < 10_000 < found.cost.download
    assert abs(found.fetched - asked) < 1000


def test_what_was_downloaded_is_not_fetched_again(vendor, make_machine, server):
    first = vendor.release()
    machine = make_machine(first)
    second = vendor.release(files={"usr/bin/tool": os.urandom(5000)})
    taken = machine.upgrade(download_only=True)
    assert (taken.commit, taken.is_deployed) == (second, False)
    assert [each.checksum for each in machine.sysroot.deployments()] == [first]
    server.sent.clear()
    assert machine.look().is_here
    machine.upgrade()
    assert not [path for path, _ in server.sent if path.endswith((".filez", ".dirtree"))]
    assert machine.deployment.checksum == second
    assert [action for action, *_ in machine.records()] == ["download", "upgrade"]


def test_an_older_release_is_taken_only_when_asked_for(vendor, make_machine):
    first = vendor.release()
    second = vendor.release({"motd": "newer\n"})
    machine = make_machine(second)
    vendor.offer(first)
    assert machine.look().state is State.OLDER
    before = machine.state()
    with pytest.raises(ReleaseOlder) as caught:
        machine.upgrade()
    assert caught.value.exit_code is ExitCode.SYSTEM
    assert machine.state() == before
    assert machine.upgrade(allow_downgrade=True).commit == first


def test_a_release_that_fell_is_taken_only_when_asked_for(vendor, make_machine):
    machine = make_machine(vendor.release())
    second = vendor.release({"motd": "bad\n"})
    fell = fallen.Fallen(
        commit=second, version="1.2", ref="", when=1, reason="network check", tries=3
    )
    fallen.write(machine.host.var, fell)
    found = machine.look()
    assert (found.state, found.fallen_because) == (State.FALLEN, "network check")
    with pytest.raises(ReleaseFell) as caught:
        machine.upgrade()
    assert caught.value.exit_code is ExitCode.FALLEN
    assert machine.upgrade(again=True).commit == second


class Running:
    """A sysroot whose last deployment runs, and whose first is staged, as after an upgrade."""

    def __init__(self, sysroot):
        first, last = sysroot.deployments()
        self.repo = sysroot.repo
        self._found = replace(first, is_staged=True), replace(last, is_booted=True)

    def deployments(self):
        return self._found


def test_what_is_in_place_already_waits_for_a_reboot(vendor, make_machine, server):
    machine = make_machine(vendor.release())
    second = vendor.release({"motd": "newer\n"})
    machine.upgrade()
    server.sent.clear()
    found = look_ahead(machine.host, Running(machine.sysroot))
    assert (found.state, found.after.commit, found.has_something) == (State.STAGED, second, False)
    assert [path for path, _ in server.sent] == ["/summary.sig", "/summary"]
    third = vendor.release({"motd": "newest\n"})
    found = look_ahead(machine.host, Running(machine.sysroot))
    assert (found.state, found.after.commit) == (State.NEWER, third)
    # In a plain folder nothing runs, so what boots next stands for it.
    assert machine.look().before.commit == second


def test_changed_kernel_arguments_are_shown_and_taken(vendor, make_machine):
    kargs = "usr/lib/bootc/kargs.d/10-a.toml"
    machine = make_machine(vendor.release(files={kargs: 'kargs = ["a=1", "b"]\n'}))
    vendor.release(files={kargs: 'kargs = ["b", "c"]\n'})
    found = machine.look()
    assert [(one.name, one.kind) for one in found.kernel_arguments] == [
        ("a=1", Kind.REMOVED),
        ("c", Kind.ADDED),
    ]
    machine.upgrade()
    assert {"quiet", "b", "c"} <= set(machine.deployment.kargs)
    assert "a=1" not in machine.deployment.kargs

"""The commands about updates, as they are called on a machine."""

import json
import os
import shutil

import pytest
from jsonschema import Draft202012Validator

from arkes_build.core.errors import ExitCode
from arkes_build.host.updates.remembered import read
from arkes_build.system import command
from arkes_build.system.main import main
from arkes_build.ui.schemas import schema

pytestmark = pytest.mark.engine


@pytest.fixture
def call(monkeypatch, capsys):
    """Return what calls `os` on a machine, and gives exit code and both streams."""

    def run(machine, *words, uid=0):
        host = machine.host_for(uid)
        monkeypatch.setattr(command, "make_host", lambda: host)
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def told(output, kind):
    value = json.loads(output)
    Draft202012Validator(schema(kind)).validate(value)
    return value


def test_a_machine_is_kept_up_to_date(vendor, make_machine, call):
    machine = make_machine(vendor.release(packages=("bash=1",)))
    code, out, _ = call(machine, "upgrade")
    assert (code, out.startswith("Nothing to do: arkes/x86_64/base is at 1.1")) == (0, True)
    assert call(machine, "checkupdates")[0] == 0
    second = vendor.release({"motd": "new\n"}, packages=("bash=2",))
    code, out, _ = call(machine, "checkupdates", "--json", uid=1000)
    assert (code, told(out, "checkupdates")["has_something"]) == (100, True)
    assert read(machine.host).commit != second, "who is not root leaves what root found"
    code, out, _ = call(machine, "checkupdates")
    assert (code, "1 package up" in out) == (100, True)
    assert read(machine.host).commit == second
    code, out, err = call(machine, "upgrade", uid=1000)
    assert (code, "needs root" in err) == (ExitCode.DENIED, True)
    code, out, _ = call(machine, "upgrade", "--plan", "--json", uid=1000)
    assert (code, told(out, "upgrade")["result"]) == (0, None)
    code, out, _ = call(machine, "upgrade")
    assert (code, "1.2" in out, "reboot to finish" in out) == (0, True, True)
    assert machine.deployment.checksum == second
    code, out, _ = call(machine, "upgrade", "--json")
    assert (code, told(out, "upgrade")["state"]) == (0, "current")
    code, out, _ = call(machine, "diff", "--packages")
    assert (code, "bash  1 → 2" in out) == (0, True)
    code, out, _ = call(machine, "diff", "1.1", "1.2", "--json")
    assert [one["path"] for one in told(out, "diff")["etc"]] == ["/etc/motd"]
    assert call(machine, "diff", "nonsense")[0] == ExitCode.SYSTEM


def test_what_is_different_in_etc_is_shown_without_secrets(vendor, make_machine, call):
    machine = make_machine(vendor.release())
    (machine.etc / "shadow").write_text("root:$y$secret\n")
    (machine.etc / "motd").write_text("Mine\n")
    code, out, _ = call(machine, "etc-diff", "--diff")
    assert code == 0
    assert "+Mine" in out
    assert "/etc/shadow: not shown: it may hold a secret" in out
    assert "$y$" not in out
    code, out, _ = call(machine, "etc-diff", "--diff", "--json", "/etc/shadow")
    (change,) = told(out, "etc-diff")["changes"]
    assert (change["path"], change["diff"]) == ("/etc/shadow", None)


def test_room_is_counted_and_made(vendor, make_machine, call):
    machine = make_machine(vendor.release(files={"usr/lib/a": os.urandom(100_000)}))
    releases = [
        vendor.release(files={"usr/lib/a": os.urandom(100_000 * number)}) for number in (2, 3, 4)
    ]
    for number in range(3):
        vendor.offer(releases[number])
        assert call(machine, "upgrade")[0] == 0
        machine.sysroot.pin(machine.deployment, on=True)
    found = machine.sysroot.deployments()
    assert [each.checksum for each in found][:3] == releases[::-1]
    code, out, _ = call(machine, "du", "--json")
    usage = told(out, "usage")
    assert (code, len(usage["deployments"])) == (0, len(found))
    own = {one["commit"]: one["own"] for one in usage["deployments"]}
    assert own[releases[0]] >= 200_000
    assert own[releases[2]] >= 400_000
    assert call(machine, "du")[1].splitlines()[0].split() == [
        *("OWN", "SHARED", "/ETC", "ROLE", "DEPLOYMENT")
    ]
    machine.sysroot.pin(machine.of(releases[0]), on=False)
    before = machine.everything()
    code, out, _ = call(machine, "prune", "--dry-run", "--json", uid=1000)
    cleared = told(out, "cleared")
    assert releases[0] in [one["commit"] for one in cleared["deployments"]]
    assert cleared["bytes"] >= 200_000
    assert machine.everything() == before
    code, out, _ = call(machine, "prune")
    assert (code, "removed" in out) == (0, True)
    left = [each.checksum for each in machine.sysroot.deployments()]
    assert left == [releases[2], releases[1]]
    assert call(machine, "prune")[1] == "Nothing to remove: all that is here is needed.\n"
    assert len(list(machine.esp.glob("loader/entries/*.conf"))) == 2
    machine.fsck()


def _without_the_list(machine):
    """Let libostree see no deployment, as where another /boot is mounted."""
    for path in (machine.host.root / "boot").glob("loader*"):
        path.unlink() if path.is_symlink() else shutil.rmtree(path)


def _without_what_runs(machine):
    (machine.host.root / "run").mkdir(exist_ok=True)
    (machine.host.root / "run/ostree-booted").touch()


@pytest.mark.parametrize("hide", [_without_the_list, _without_what_runs])
def test_nothing_is_removed_when_what_runs_is_not_seen(vendor, make_machine, call, hide):
    machine = make_machine(vendor.release())
    hide(machine)
    before = machine.everything()
    code, _, err = call(machine, "prune", "--dry-run")
    assert (code, "nobody knows what is needed" in err) == (ExitCode.SYSTEM, True)
    assert call(machine, "prune")[0] == ExitCode.SYSTEM
    after = machine.everything()
    assert {path: after[path] for path in before if "/ostree/" in str(path)} == {
        path: before[path] for path in before if "/ostree/" in str(path)
    }


def test_a_ref_that_nothing_follows_goes_with_what_it_held(vendor, make_machine, call):
    machine = make_machine(vendor.release())
    other = vendor.release(files={"usr/lib/a": os.urandom(100_000)})
    assert call(machine, "upgrade", "--download-only")[0] == 0
    repo = machine.sysroot.repo
    repo.set_ref_immediate("old", "arkes/x86_64/left", other, None)
    repo.set_ref_immediate(None, "local/x86_64/system", machine.deployment.checksum, None)
    code, out, _ = call(machine, "prune", "--json")
    assert (code, told(out, "cleared")["refs"]) == (0, ["old:arkes/x86_64/left"])
    # What was downloaded, to be put in place later, stays.
    assert machine.look().is_here
    assert "local/x86_64/system" in machine.state()[1]

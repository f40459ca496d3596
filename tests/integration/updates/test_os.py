"""The commands of `os` on real deployments: to and fro, pinned, with other arguments, elsewhere."""

import json
import os
import signal
import time
from dataclasses import replace

import jsonschema
import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.sysroot.fallen import Fallen, write
from arkes_build.sysroot.sysroot import Sysroot
from arkes_build.system import command
from arkes_build.system.main import main
from arkes_build.ui import schemas

pytestmark = pytest.mark.engine
REF = "arkes/x86_64/base"


class Terminal:
    """Call `os` on a machine, as root at its prompt."""

    def __init__(self, machine, capsys, monkeypatch):
        self.machine = machine
        self._capsys = capsys
        monkeypatch.setattr(command, "make_host", self._host)
        monkeypatch.setenv("TZ", "UTC")

    def _host(self):
        esp = self.machine.esp
        return replace(self.machine.host, opener=lambda host: Sysroot.open(host.root, esp=esp))

    def __call__(self, *words, code=ExitCode.OK):
        ended = main(words)
        out, err = self._capsys.readouterr()
        assert ended == code, f"{words}: {out}{err}"
        self.err = err
        return out or err

    def json(self, *words, code=ExitCode.OK):
        return json.loads(self(*words, "--json", code=code))

    def name(self, version):
        """Return how a version's deployment is called in a sentence."""
        found = (each for each in self.machine.sysroot.deployments() if each.version == version)
        return f"base {version} ({next(found).checksum[:12]})"

    def menu(self):
        """Return the versions in the order in which the boot menu offers them."""
        found = {each.checksum[:12]: each.version for each in self.machine.sysroot.deployments()}
        entries = [
            (dict(line.split(None, 1) for line in path.read_text().splitlines()), path.name)
            for path in (self.machine.esp / "loader/entries").glob("*.conf")
        ]
        entries.sort(key=lambda entry: -int(entry[0]["version"]))
        return [found[name.split("-")[1]] for _, name in entries]

    def versions(self):
        """Return what boots next, and what comes after it."""
        return [each["version"] for each in self.json("status")["deployments"]]


@pytest.fixture
def two(vendor, make_machine, capsys, monkeypatch):
    """Return a terminal of a machine that was brought from 1.1 to 1.2."""
    first = vendor.release()
    machine = make_machine(first)
    vendor.release({"motd": "Welcome again\n"})
    machine.upgrade()
    return Terminal(machine, capsys, monkeypatch)


def test_revert_undoes_an_upgrade_once_and_rollback_goes_to_and_fro(two):
    assert two.versions() == ["1.2", "1.1"]
    assert two("revert") == (
        f"{two.name('1.1')} boots next, not {two.name('1.2')}.\nReboot to go there.\n"
    )
    assert two.versions() == ["1.1", "1.2"]
    assert two("revert", code=ExitCode.SYSTEM) == (
        f"error: the last upgrade is undone already: {two.name('1.1')} boots next\n"
        f"  = help: `sudo os rollback` goes to {two.name('1.2')}\n"
    )
    two("rollback")
    assert two.versions() == ["1.2", "1.1"]
    two("rollback")
    assert two.versions() == ["1.1", "1.2"]
    assert two.menu() == ["1.1", "1.2"]
    two.machine.fsck()


def test_what_is_pinned_stays_when_newer_ones_come(two, vendor):
    assert two("pin", "1.1") == f"{two.name('1.1')} is pinned.\n"
    assert two("pin", "1.1") == f"{two.name('1.1')} is pinned already.\n"
    vendor.release({"motd": "And again\n"})
    two.machine.upgrade()
    assert two.versions() == ["1.3", "1.2", "1.1"]
    assert two.menu() == ["1.3", "1.2", "1.1"]
    assert two("unpin", "1.1") == f"{two.name('1.1')} is no longer pinned.\n"
    vendor.release({"motd": "At last\n"})
    two.machine.upgrade()
    assert two.versions() == ["1.4", "1.3"]


def test_arguments_of_the_kernel_stay_through_an_upgrade(two, vendor):
    shape = two.json("kargs", "--append", "debug", "--delete", "quiet")
    assert (shape["action"], shape["changed"]) == ("kargs", True)
    vendor.release({"motd": "And again\n"})
    two.machine.upgrade()
    following = two.json("kargs")["next"]
    assert (following[-1], "quiet" in following) == ("debug", False)
    entry = next((two.machine.esp / "loader/entries").glob("*.conf"))
    assert all("debug" in path.read_text() for path in entry.parent.glob("arkes-*+3.conf"))
    two("revert")
    assert two.versions()[0] == "1.2"


def test_an_earlier_release_is_found_at_the_source(two, vendor):
    for word in ("again", "at last"):
        vendor.release({"motd": f"{word}\n"})
        two.machine.upgrade()
    assert two.versions() == ["1.4", "1.3"]
    two("deploy", "1.1")
    assert two.versions()[0] == "1.1"
    assert two.json("status")["deployments"][0]["ref"] == f"arkes:{REF}"
    assert two("deploy", "1.1").endswith("boots next already: nothing to do.\n")
    two("upgrade")
    assert two.versions()[0] == "1.4"


def test_a_release_that_nobody_has_is_refused_with_the_nearest(two):
    before = two.machine.state()
    assert "error: arkes/x86_64/base has no release '1.7'\n  = help: did you mean" in two(
        "deploy", "1.7", code=ExitCode.SYSTEM
    )
    assert two.machine.state() == before


def test_what_fell_is_deployed_only_when_asked_for(two):
    commit = two.json("status")["deployments"][0]["commit"]
    two("revert")
    two.machine.sysroot.undeploy(two.machine.sysroot.deployments()[1])
    write(
        two.machine.host.var,
        Fallen(commit=commit, version="1.2", ref=REF, when=1_800_000_000, reason="panic", tries=3),
    )
    assert "1.2 (" in two("status").partition("note: ")[2]
    assert two("deploy", "1.2", code=ExitCode.FALLEN).endswith(
        "fell on this machine on 2027-01-15 08:00: panic\n"
        "  = help: `--again` takes it all the same\n"
    )
    two("deploy", "1.2", "--again")
    assert two.versions()[0] == "1.2"


def test_an_upgrade_that_is_told_to_end_is_written_down(two, vendor, server):
    vendor.release(files={"usr/share/new": os.urandom(2_000)}, from_scratch=False)

    def stall(path):
        if path.endswith(".filez"):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    server.before = stall
    try:
        two("upgrade", code=ExitCode.INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert two.json("log")["actions"][0]["result"] == "interrupted"
    assert two.versions() == ["1.2", "1.1"]


def test_another_source_gets_a_remote_of_its_own_and_revert_brings_the_old_one_back(
    two, vendor, server
):
    vendor.release({"motd": "And again\n"})
    shape = two.json("rebase", "--url", f"file://{vendor.published}", "base")
    assert (shape["after"]["ref"], shape["signer"]) == (f"arkes2:{REF}", "Vendor")
    assert two.versions()[0] == "1.3"
    assert two("status").splitlines()[1] == f"Updates come from arkes2:{REF}."
    two("revert")
    assert two("status").splitlines()[1] == f"Updates come from arkes:{REF}."
    config = (two.machine.host.repo / "config").read_text()
    assert f'[remote "arkes"]\nurl={server.url}\n' in config
    assert f'[remote "arkes2"]\nurl=file://{vendor.published}\n' in config


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        pytest.param("bsae", "did you mean 'base'?", id="nearly a name"),
        pytest.param("arkes/x86_64/bse", f"did you mean '{REF}'?", id="nearly a ref"),
        pytest.param("zzzz", f"it has: {REF}, base", id="nothing like it"),
    ],
)
def test_a_ref_that_is_not_there_is_refused(two, server, word, hint):
    before = two.machine.state()
    assert two("rebase", word, code=ExitCode.USAGE) == (
        f"error: {server.url} has no ref {word!r}\n  = help: {hint}\n"
    )
    assert two.machine.state() == before


def test_what_is_followed_already_is_no_change(two):
    assert two("rebase", "base").endswith("boots next already: nothing to do.\n")


@pytest.mark.parametrize("command_line", [("rebase", "base"), ("deploy", "1.3")], ids=" ".join)
def test_what_nobody_trusted_has_signed_is_not_taken(two, vendor, command_line):
    vendor.release({"motd": "And again\n"})
    for keyring in two.machine.host.keyrings:
        keyring.unlink()
    before = two.machine.state()
    assert "error: no key is trusted" in two(*command_line, code=ExitCode.SIGNATURE)
    assert two.machine.state() == before


def test_a_tampered_commit_is_not_taken(two, vendor):
    commit = vendor.release({"motd": "And again\n"})
    path = vendor.object(commit, "commit")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    before = two.machine.state()
    two("rebase", "base", code=ExitCode.SIGNATURE)
    assert two.machine.state() == before
    assert [each["result"] for each in two.json("log", "-n", "1")["actions"]] == ["signature"]


def test_a_damaged_machine_says_what_to_look_at(two, monkeypatch):
    machine = two.machine
    machine.esp.rename(machine.host.esp / "moved")  # a plain host is asked, with its own words
    monkeypatch.setattr(command, "make_host", lambda: replace(machine.host))
    commit = two.json("status")["deployments"][1]["commit"]
    (machine.host.repo / "objects" / commit[:2] / f"{commit[2:]}.commit").unlink()
    for words in (("status",), ("revert",), ("kargs",)):
        said = two(*words, code=ExitCode.SYSTEM)
        assert said.startswith("error: the deployments of this machine cannot be read\n")
        assert f"No such metadata object {commit}.commit" in said
        assert "= help: `ostree fsck` says what is damaged" in said


def test_the_log_tells_it_all_the_newest_first(two):
    two("revert")
    two("pin", "1.1")
    told = two.json("log")["actions"]
    assert [(each["action"], each["result"], each["version"]) for each in told] == [
        ("pin", "ok", "1.1"),
        ("revert", "ok", "1.1"),
        ("upgrade", "ok", "1.2"),
    ]
    assert two("log", "-n", "1").endswith("and 2 before: `os log -n 0` has all.\n")


def test_every_document_keeps_to_its_schema(two):
    for words, name in (
        (("status",), "machine-status"),
        (("log",), "machine-log"),
        (("kargs",), "machine-kargs"),
        (("pin", "1.1"), "machine-change"),
        (("revert",), "machine-change"),
        (("validate",), "machine-checks"),
        (("edit", "--from", "/dev/null"), "error"),
    ):
        code = ExitCode.SOURCE if name == "error" else ExitCode.OK
        jsonschema.validate(two.json(*words, code=code), schemas.schema(name))

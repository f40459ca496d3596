"""Whoever calls `os` in a wrong place, or as the wrong person, is told so in a few words."""

import json
import os
import subprocess
import sys

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.front.group import Group
from arkes_build.host.lock import held
from arkes_build.host.machine import Host
from arkes_build.system import command
from arkes_build.system.group import COMMANDS, PROGRAM
from arkes_build.system.main import main

WORDS = {
    "deploy": ["1.1"],
    "rebase": ["base"],
    "unpin": ["1.1"],
    "kargs": ["--append", "quiet"],
}


def arguments(name):
    return [name, *WORDS.get(name, [])]


def loaded(name):
    return Group(PROGRAM).get_command(None, name)


CHANGING = [name for name in COMMANDS if loaded(name).changes]
HERE_ONLY = [name for name in COMMANDS if not loaded(name).anywhere]


@pytest.fixture
def on(monkeypatch, tmp_path):
    """Return what makes `os` run on a folder, as somebody."""

    def make(uid=0, *, is_deployed=True):
        if is_deployed:
            (tmp_path / "ostree/repo").mkdir(parents=True)
            (tmp_path / "ostree/repo/config").write_text("[core]\nmode=bare\n")
        host = Host(root=tmp_path, uid=lambda: uid, clock=lambda: 1_793_900_000)
        monkeypatch.setattr(command, "make_host", lambda: host)
        return host

    return make


@pytest.mark.parametrize("name", CHANGING)
def test_who_is_not_root_is_told_how_to_change(on, capsys, name):
    on(uid=1000)
    line = " ".join(arguments(name))
    assert main(arguments(name)) == ExitCode.DENIED
    assert capsys.readouterr().err == (
        f"error: `os {name}` needs root\n"
        f"  = help: sudo os {line}   (or, on a desktop: pkexec os {line})\n"
    )


def test_the_line_to_type_is_one_for_a_shell(on, capsys):
    on(uid=1000)
    assert main(["kargs", "--append", "a=b c", "--json", "-q"]) == ExitCode.DENIED
    assert json.loads(capsys.readouterr().out)["resolution"] == (
        "sudo os kargs --append 'a=b c' --json -q   "
        "(or, on a desktop: pkexec os kargs --append 'a=b c' --json -q)"
    )


@pytest.mark.parametrize("name", HERE_ONLY)
def test_elsewhere_there_is_nothing_to_look_after(on, capsys, tmp_path, name):
    on(is_deployed=False)
    assert main(arguments(name)) == ExitCode.SYSTEM
    assert capsys.readouterr().err == (
        "error: this machine does not run from an OSTree deployment\n"
        f"  there is no {tmp_path}/ostree/repo\n"
        "  = help: `os` looks after machines that were made by `arkes-build disk`\n"
    )


def test_one_who_may_only_look_hears_first_that_there_is_nothing_here(on, capsys):
    on(uid=1000, is_deployed=False)
    assert main(["revert"]) == ExitCode.SYSTEM
    assert "does not run from an OSTree deployment" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["revert", "rollback", "deploy", "rebase", "unpin", "kargs"])
def test_two_at_once_do_not_meet(on, capsys, monkeypatch, name):
    monkeypatch.setenv("SUDO_USER", "alice")
    host = on()
    with held(host, doing="upgrade"):
        assert main(arguments(name)) == ExitCode.STORE_BUSY
    said = capsys.readouterr().err
    assert said.startswith(f"error: `os upgrade` (process {os.getpid()} for alice, since ")
    assert "= help: wait until it has ended; `os status` and other questions need not wait" in said


def test_a_repository_without_deployments_is_said(on, capsys):
    on()
    assert main(["status"]) == ExitCode.SYSTEM
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.parametrize("name", ["status", "revert", "log"])
def test_trouble_in_json_is_one_object(on, capsys, name):
    on(uid=1000, is_deployed=False)
    assert main([name, "--json"]) == ExitCode.SYSTEM
    told = json.loads(capsys.readouterr().out)
    assert (told["type"], told["kind"], told["exit_code"]) == ("error", "system", 25)


def test_what_looks_loads_little(tmp_path):
    (tmp_path / "ostree/repo").mkdir(parents=True)
    (tmp_path / "ostree/repo/config").write_text("[core]\n")
    heavy = "{'rich', 'pydantic', 'networkx', 'jinja2', 'lark', 'podman'}"
    script = (
        "import sys, pathlib\n"
        "from arkes_build.system import command\n"
        "from arkes_build.host.machine import Host\n"
        f"command.make_host = lambda: Host(root=pathlib.Path({str(tmp_path)!r}))\n"
        "from arkes_build.system.main import main\n"
        "import arkes_build.host.status, arkes_build.system.screens.status\n"
        "import arkes_build.sysroot.sysroot, arkes_build.store.trust\n"
        "for name in ('status', 'log', 'kargs', 'pin'): main([name])\n"
        f"sys.exit(' '.join(sorted({heavy} & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

from dataclasses import replace
from types import SimpleNamespace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host import journal
from arkes_build.host.machine import Host
from arkes_build.sysroot.esp import Synced
from arkes_build.system import command
from arkes_build.system.main import main

CHECKSUM = "a" * 64


@pytest.fixture
def machine(tmp_path, monkeypatch):
    for name, text in {
        "ostree/repo/config": "[core]\nmode=bare\n",
        "proc/cmdline": f"rw ostree=/ostree/boot-0/arkes/{CHECKSUM}/0\n",
        f"efi/loader/entries/arkes-{'a' * 12}-0+2-1.conf": "version 1\noptions rw\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    host = Host(root=tmp_path, clock=lambda: 1, uid=lambda: 0)
    monkeypatch.setattr(command, "make_host", lambda: host)
    return host


def check(host, text):
    path = host.root / "etc/arkes/health.d/10-check"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_well_machine_is_told_by_the_exit_code(machine, capsys):
    check(machine, "exit 0")
    assert main(["boot", "health"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("10-check: well, ")


def test_an_unwell_machine_too(machine, capsys):
    check(machine, "echo no; exit 1")
    assert main(["boot", "health"]) == ExitCode.BOOT
    assert main(["boot", "give-up"]) == ExitCode.OK
    assert "this boot is given up: " in capsys.readouterr().out


def test_a_trial_that_went_well_is_said_once(machine, capsys):
    assert main(["boot", "bless"]) == ExitCode.OK
    assert main(["boot", "bless"]) == ExitCode.OK
    assert capsys.readouterr().out == "blessed\n"


def test_it_is_for_root(machine, monkeypatch, capsys):
    host = Host(root=machine.root, uid=lambda: 1000)
    monkeypatch.setattr(command, "make_host", lambda: host)
    assert main(["boot", "bless"]) == ExitCode.DENIED
    capsys.readouterr()


@pytest.mark.parametrize(
    ("synced", "told"),
    [
        pytest.param(Synced(written=("a",), removed=("b",), refused=()), ["a, b"], id="changed"),
        pytest.param(Synced(written=(), removed=(), refused=()), [], id="as it was"),
    ],
)
def test_the_journal_hears_of_a_menu_that_changed(machine, monkeypatch, capsys, synced, told):
    heard = []
    monkeypatch.setattr(journal, "send", lambda *_, changed: heard.append(changed))
    sysroot = SimpleNamespace(sync=lambda: synced)
    host = replace(machine, opener=lambda _: sysroot)
    monkeypatch.setattr(command, "make_host", lambda: host)
    assert main(["boot", "sync"]) == ExitCode.OK
    assert heard == told
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(told)

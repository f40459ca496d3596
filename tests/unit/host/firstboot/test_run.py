"""The first boot as a whole, on a plain folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from arkes_build.host.firstboot import apply, grow, run, sources
from arkes_build.host.firstboot.model import Password, Source
from arkes_build.host.machine import Host

if TYPE_CHECKING:
    from pathlib import Path

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0123456789012345678901234567890123456789AB lea@home"
HASH = "$6$salt$0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/shadow").write_text("root:*::0:99999:7:::\n")
    monkeypatch.setattr(run, "_hold_the_top", lambda _host: None)
    monkeypatch.setattr(grow, "grow", lambda _host: "/dev/vda2 grew by 10 MiB")
    return Host(root=tmp_path, clock=lambda: 1793491204.5)


def test_with_a_source_it_is_done_once_and_written_down(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def applied(machine: Host, wishes: object) -> tuple[str, ...]:
        (machine.etc / "shadow").write_text(f"root:{HASH}::0:99999:7:::\n")
        return ()

    source = Source(name="credentials", root_password=Password(text=HASH, is_hash=True))
    monkeypatch.setattr(sources, "find", lambda _host: source)
    monkeypatch.setattr(apply, "apply", applied)
    assert run.first_boot(host) == ["/dev/vda2 grew by 10 MiB", "credentials: user root"]
    assert json.loads((host.var / "first-boot.json").read_text()) == {
        "schema": 1,
        "time": 1793491204,
        "said": ["/dev/vda2 grew by 10 MiB", "credentials: user root"],
        "source": "credentials",
    }
    assert not (host.root / "run/issue.d").exists()


def test_without_a_source_the_console_says_what_to_do_and_the_next_boot_looks_again(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "find", lambda _host: None)
    assert run.first_boot(host)[-1] == "nobody can log in yet; the next boot looks again"
    issue = (host.root / "run/issue.d/50-arkes-first-boot.issue").read_text()
    assert "Nobody can log in yet" in issue
    assert max(map(len, issue.splitlines())) < 96
    assert not (host.var / "first-boot.json").exists()


def test_an_image_with_a_user_of_its_own_needs_no_source(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    (host.etc / "shadow").write_text(f"lea:{HASH}:20000:0:99999:7:::\n")
    monkeypatch.setattr(sources, "find", lambda _host: None)
    run.first_boot(host)
    assert json.loads((host.var / "first-boot.json").read_text())["source"] == "the image"


def test_a_root_that_cannot_grow_keeps_nobody_from_logging_in(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_host: Host) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(grow, "grow", fail)
    monkeypatch.setattr(sources, "find", lambda _host: None)
    assert run.first_boot(host)[0].startswith("the root did not grow: [Errno 5]")

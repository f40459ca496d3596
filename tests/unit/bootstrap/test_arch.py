from pathlib import Path

import pytest

from arkes_build.bootstrap import arch
from arkes_build.bootstrap.errors import KeyringMissing, MirrorsWanted
from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.project.config import parse_config
from arkes_build.project.model import Bootstrap

LIST = """\
## comment
Server = https://one.example.org/$repo/os/$arch
#Server = https://off.example.org/$repo/os/$arch
Server=https://archive.example.org/repos/2020/01/31/$repo/os/$arch
"""


def bootstrap(**fields):
    return Bootstrap(**({"tool": "pacstrap", "packages": ("base", "git")} | fields))


@pytest.fixture
def mirrorlist(tmp_path):
    path = tmp_path / "mirrorlist"
    path.write_text(LIST)
    return path


def test_this_machines_mirrors_serve_when_no_day_is_asked_for(mirrorlist):
    assert arch.find_servers(bootstrap(), mirrorlist) == (
        "https://one.example.org/$repo/os/$arch",
        "https://archive.example.org/repos/2020/01/31/$repo/os/$arch",
    )


def test_a_snapshot_only_comes_from_mirrors_that_keep_days(mirrorlist):
    assert arch.find_servers(bootstrap(snapshot="2026/11/01"), mirrorlist) == (
        "https://archive.example.org/repos/2026/11/01/$repo/os/$arch",
    )


def test_mirrors_of_the_project_win_and_know_the_snapshot(mirrorlist):
    asked = bootstrap(
        snapshot="2026/11/01",
        mirrors=("https://a.example.org/{snapshot}", "file:///srv/$repo"),
    )
    assert arch.find_servers(asked, mirrorlist) == (
        "https://a.example.org/2026/11/01/$repo/os/$arch",
        "file:///srv/$repo",
    )


@pytest.mark.parametrize(
    ("text", "snapshot", "why"),
    [
        pytest.param("", "", "names no server", id="an empty list"),
        pytest.param(
            "Server = https://one.example.org/$repo/os/$arch\n",
            "2026/11/01",
            "names no server that keeps the packages of 2026/11/01",
            id="only undated mirrors",
        ),
    ],
)
def test_an_undated_mirror_is_never_taken_for_the_snapshot(tmp_path, text, snapshot, why):
    (tmp_path / "mirrorlist").write_text(text)
    with pytest.raises(MirrorsWanted) as caught:
        arch.find_servers(bootstrap(snapshot=snapshot), tmp_path / "mirrorlist")
    assert caught.value.details.endswith(why)
    with pytest.raises(MirrorsWanted):
        arch.find_servers(bootstrap(), tmp_path / "none")


@pytest.mark.parametrize(
    ("snapshot", "server"),
    [
        pytest.param("", "https://example.org/$repo/os/$arch", id="without a day"),
        pytest.param(
            "2026/11/01",
            "https://archive.example.org/repos/2026/11/01/$repo/os/$arch",
            id="with a day",
        ),
    ],
)
def test_what_the_error_says_to_write_can_be_written(tmp_path, snapshot, server):
    with pytest.raises(MirrorsWanted) as caught:
        arch.find_servers(bootstrap(snapshot=snapshot), tmp_path / "none")
    _, _, text = caught.value.resolution.partition("\n")
    said = f'{text}\nsnapshot = "{snapshot}"\n' if snapshot else text
    table = parse_config(Source("arkes.toml", said)).bootstrap_for(Family.ARCH)
    asked = bootstrap(snapshot=snapshot, mirrors=table.mirrors)
    assert arch.find_servers(asked, tmp_path / "none") == (server,)


def test_the_configuration_takes_nothing_from_the_machine():
    assert (
        arch.pacman_conf(
            ["https://one.example.org/$repo/os/$arch"],
            arch=Arch.X86_64,
            cache=Path("/cache"),
            keys=Path("/keys/gnupg"),
            log=Path("/logs/pacman.log"),
        )
        == """\
[options]
Architecture = x86_64
CacheDir = /cache/
GPGDir = /keys/gnupg/
LogFile = /logs/pacman.log
SigLevel = Required DatabaseOptional
ParallelDownloads = 5

[core]
Server = https://one.example.org/$repo/os/$arch

[extra]
Server = https://one.example.org/$repo/os/$arch
"""
    )


def test_the_arguments_of_pacstrap():
    found = arch.pacstrap(bootstrap(), root=Path("/w/root"), configuration=Path("/w/pacman.conf"))
    assert found == (
        *("unshare", "--mount", "--", "pacstrap", "-C", "/w/pacman.conf", "-c", "-G", "-M"),
        *("/w/root", "base", "git"),
    )
    unnamed = arch.pacstrap(bootstrap(packages=()), root=Path("/r"), configuration=Path("/c"))
    assert unnamed[-1] == "base"


def test_the_tree_is_tidied_of_times_databases_and_passwords(tmp_path):
    entry = tmp_path / "var/lib/pacman/local/bash-5-1/desc"
    entry.parent.mkdir(parents=True)
    entry.write_text("%NAME%\nbash\n\n%INSTALLDATE%\n1700000001\n\n%SIZE%\n7\n")
    (tmp_path / "var/lib/pacman/sync").mkdir()
    arch.tidy(tmp_path, servers=["https://me:secret@a.example.org/$repo"], epoch=42)
    assert entry.read_text() == "%NAME%\nbash\n\n%INSTALLDATE%\n42\n\n%SIZE%\n7\n"
    assert not (tmp_path / "var/lib/pacman/sync").exists()
    assert (tmp_path / "etc/pacman.d/mirrorlist").read_text() == (
        "Server = https://a.example.org/$repo\n"
    )


def test_without_the_keyring_nothing_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(arch, "KEYRINGS", (tmp_path,))
    with pytest.raises(KeyringMissing) as caught:
        arch.make_keyring(tmp_path, arch=Arch.X86_64, on_line=print)
    assert caught.value.details == f"looked for {tmp_path}/archlinux.gpg"

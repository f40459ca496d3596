"""Lists of packages as apt and pacman have them."""

import io
import tarfile

import pytest

from arkes_build.core.names import Family
from arkes_build.lsp import packages
from arkes_build.lsp.packages import Package, Packages, load

STANZAS = """\
Package: nginx
Version: 1.22.1-9
Description: small web server
Depends: libc6

Package: nano
Version: 7.2
Description: editor\twith a tab
"""
DESC = "%FILENAME%\nnano.pkg\n\n%NAME%\nnano\n\n%VERSION%\n7.2-1\n\n%DESC%\nPico editor\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a folder that stands for a machine without lists."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(packages, "APT_LISTS", tmp_path / "apt")
    monkeypatch.setattr(packages, "PACMAN_SYNC", tmp_path / "pacman")
    cat = tmp_path / "cat-file"
    cat.write_text('#!/bin/sh\ncat "$2"\n')
    cat.chmod(0o755)
    monkeypatch.setattr(packages, "APT_HELPER", str(cat))
    for name in ("apt", "pacman"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_a_machine_without_lists_knows_none(machine):
    assert [load(family) for family in Family] == [None, None]


def test_apts_lists_are_read(machine):
    (machine / "apt/example.org_main_Packages").write_text(STANZAS)
    found = load(Family.DEBIAN)
    assert len(found) == 2
    assert found.find("nano") == Package("nano", "7.2", "editor with a tab")
    assert found.find("nan") is None


def test_pacmans_databases_are_read(machine):
    with tarfile.open(machine / "pacman/core.db", "w:gz") as archive:
        entry = tarfile.TarInfo("nano-7.2-1/desc")
        entry.size = len(DESC)
        archive.addfile(entry, io.BytesIO(DESC.encode()))
    assert load(Family.ARCH).find("nano") == Package("nano", "7.2-1", "Pico editor")


def test_what_was_read_is_kept_until_a_list_changes(machine, monkeypatch):
    path = machine / "apt/example.org_main_Packages"
    path.write_text(STANZAS)
    load(Family.DEBIAN)
    with monkeypatch.context() as patch:
        patch.setattr(packages, "_apt", lambda _: pytest.fail("read again"))
        assert load(Family.DEBIAN).find("nginx") is not None
    path.write_text("Package: vim\nVersion: 9\n")
    assert load(Family.DEBIAN).find("nginx") is None
    assert load(Family.DEBIAN).find("vim") == Package("vim", "9", "")


def test_a_list_that_is_none_is_passed_over(machine):
    (machine / "pacman/core.db").write_bytes(b"no archive")
    (machine / "apt/x_Packages").write_bytes(b"\xff\n\n:::\n\nPackage: \n")
    assert [len(load(family)) for family in Family] == [0, 0]


def test_packages_are_found_by_their_beginning():
    lines = sorted(f"{name}\t1\t" for name in ("nano", "nginx", "nginx-core", "vim"))
    found = Packages("\n".join(lines))
    assert [p.name for p in found.beginning("ng", 9)] == ["nginx", "nginx-core"]
    assert [p.name for p in found.beginning("", 2)] == ["nano", "nginx"]
    assert found.beginning("zz", 9) == []

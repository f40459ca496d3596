"""Names of nodes are found without parsing, and without any fuss."""

import pytest

from arkes_build.cli.places import known_nodes, project_root


@pytest.fixture
def project(tmp_path):
    (tmp_path / "arkes.toml").touch()
    variants = tmp_path / "variants"
    (variants / "deep").mkdir(parents=True)
    (variants / "rootfs.Containerfile").write_text("FROM arkes:bootstrap\n")
    (variants / "base.Containerfile").write_text(
        "# syntax=x\n\n#  x-templates=slim, nvidia-slim,\nFROM a\n# x-templates=late\n"
    )
    (variants / "kiosk.Systemfile").write_bytes(b"# x-templates=\xff\nFROM a\n")
    (variants / "notes.txt").touch()
    return tmp_path


def test_the_names_are_files_and_what_their_headers_combine(project):
    assert known_nodes(project) == (
        "base",
        "base-nvidia",
        "base-nvidia-slim",
        "base-slim",
        "bootstrap",
        "kiosk",
        "kiosk-\ufffd",
        "rootfs",
    )


def test_the_project_is_looked_for_upward(project, monkeypatch):
    monkeypatch.chdir(project / "variants" / "deep")
    assert project_root(None) == project
    assert "base" in known_nodes(None)


def test_without_a_project_there_are_no_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert known_nodes(None) == ()
    assert known_nodes(tmp_path / "nowhere") == ()


def test_a_project_that_cannot_be_read_has_no_names(project):
    (project / "variants" / "odd.Containerfile").mkdir()
    assert known_nodes(project) == ()

"""Which files are laid out, and what would be written."""

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.project.errors import Unreadable
from arkes_build.project.formatting import (
    Formatted,
    files_below,
    formatted,
    formatted_file,
    own_files,
)

UGLY, NICE = b"\xef\xbb\xbffrom x\r\nrun  a\r\n\r\n", b"FROM x\nRUN a\n"


def made(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(NICE)
    return folder


def test_bytes_become_bytes():
    assert formatted("f", UGLY) == Formatted(shown="f", before=UGLY, after=NICE)
    assert formatted("f", UGLY).is_changed
    assert not formatted("f", NICE).is_changed


def test_a_file_with_errors_says_so():
    with pytest.raises(SourceError):
        formatted("f", b"RUN a\n")


def test_what_is_no_regular_file_is_not_read(tmp_path):
    with pytest.raises(Unreadable):
        formatted_file(tmp_path, "here")


def test_the_projects_own_files_are_variants_and_templates(tmp_path):
    made(tmp_path, "variants/b.Systemfile", "variants/a.Containerfile", "variants/notes.md")
    made(tmp_path, "templates/c.Containerfile", "templates/.hidden.Containerfile", "Systemfile")
    assert [str(path.relative_to(tmp_path)) for path in own_files(tmp_path)] == [
        "templates/c.Containerfile",
        "variants/a.Containerfile",
        "variants/b.Systemfile",
    ]


def test_a_project_without_folders_has_no_files(tmp_path):
    assert own_files(tmp_path) == []


def test_a_folder_means_all_files_below_that_are_not_hidden_or_links(tmp_path):
    made(tmp_path, "a/Systemfile", "a/b/x.Systemfile", "Dockerfile", ".git/Containerfile", "x.txt")
    (tmp_path / "Containerfile").symlink_to("Dockerfile")
    assert [str(path.relative_to(tmp_path)) for path in files_below(tmp_path)] == [
        "Dockerfile",
        "a/Systemfile",
        "a/b/x.Systemfile",
    ]

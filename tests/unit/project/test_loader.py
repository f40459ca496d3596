"""Check how a project and its Systemfiles are found and read."""

import os
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.errors import ExitCode
from arkes_build.project.errors import ConfigError, ProjectError
from arkes_build.project.loader import find_project, load_project, load_systemfile
from arkes_build.project.model import NodeKind

PLAIN = {"variants/base.Containerfile": "FROM scratch\n"}


def test_the_nearest_project_upwards(tmp_path, cases):
    cases.write(tmp_path, {"arkes.toml": "", "a/arkes.toml": "", "a/b/c/": "", "d/": ""})
    found = [find_project(tmp_path / path) for path in ("a/b/c", "a", "d", "")]
    assert found == [tmp_path / "a", tmp_path / "a", tmp_path, tmp_path]


def test_no_project_says_what_to_do(tmp_path):
    with pytest.raises(ProjectError) as caught:
        find_project(tmp_path)
    error = caught.value
    assert (error.exit_code, error.brief, error.details, error.resolution) == (
        ExitCode.PROJECT,
        f"no arkes.toml in {tmp_path} or in a folder above it",
        "a project is a folder with arkes.toml, variants/ and templates/",
        (
            "go into the project, name it with --project DIR, or make it one: "
            "an empty arkes.toml is enough"
        ),
    )


def test_a_folder_without_arkes_toml_is_no_project(tmp_path):
    with pytest.raises(ProjectError, match=r"no arkes\.toml in"):
        load_project(tmp_path)


def test_parts_are_sorted_and_know_where_they_are(tmp_path, cases):
    files = {"variants/b.Systemfile": "FROM scratch\n", "templates/t.Containerfile": "FROM x\n"}
    cases.write(
        tmp_path, {"arkes.toml": "", **PLAIN, **files, "variants/a.Containerfile": "FROM x\n"}
    )
    project = load_project(tmp_path).project
    assert [
        (part.name, part.kind, part.file.source.name, part.context)
        for part in (*project.variants.values(), *project.templates.values())
    ] == [
        ("a", NodeKind.VARIANT, "variants/a.Containerfile", tmp_path),
        ("b", NodeKind.VARIANT, "variants/b.Systemfile", tmp_path),
        ("base", NodeKind.VARIANT, "variants/base.Containerfile", tmp_path),
        ("t", NodeKind.TEMPLATE, "templates/t.Containerfile", tmp_path),
    ]


def test_the_order_on_disk_changes_nothing(tmp_path, cases):
    for names in ("ab", "ba"):
        root = tmp_path / names
        cases.write(root, {"arkes.toml": ""})
        cases.write(root, {f"variants/{name}.Containerfile": "FROM x\n" for name in names})
    first, second = (load_project(tmp_path / names).project for names in ("ab", "ba"))
    assert list(first.variants) == list(second.variants)


def test_warnings_do_not_stop_anything(tmp_path, cases):
    text = "# x-nmae=Base\nFROM scratch\n"
    cases.write(tmp_path, {"arkes.toml": "", "variants/base.Containerfile": text})
    loaded = load_project(tmp_path)
    assert [warning.code for warning in loaded.warnings] == ["header-unknown"]
    assert list(loaded.project.variants) == ["base"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"[project]\nname = '\xff'\n", "not-utf8", id="no UTF-8"),
        pytest.param(b"\0", "nul-byte", id="NUL bytes"),
        pytest.param(b"#" * 10_000_000, "file-too-large", id="a line of 10 MB"),
    ],
)
def test_hostile_files_are_findings(tmp_path, cases, data, code):
    cases.write(tmp_path, {"arkes.toml": data})
    with pytest.raises(ConfigError) as config:
        load_project(tmp_path)
    cases.write(tmp_path, {"arkes.toml": "", "variants/base.Containerfile": data})
    with pytest.raises(SourceError) as source:
        load_project(tmp_path)
    assert config.value.diagnostics[0].code == source.value.diagnostics[0].code == code


def test_a_name_that_is_no_text_is_a_finding(tmp_path, cases):
    cases.write(tmp_path, {"arkes.toml": "", "variants/": ""})
    (tmp_path / "variants" / os.fsdecode(b"\xff.Containerfile")).write_text("FROM x\n")
    with pytest.raises(SourceError) as caught:
        load_project(tmp_path)
    (finding,) = caught.value.diagnostics
    assert finding.message == (
        "'\\udcff' cannot be a name: variants/ holds '\\udcff.Containerfile'"
    )


SYSTEMS = {
    "a folder's Systemfile": ("machines/my-server/Systemfile", "my_server"),
    "a folder's Containerfile": ("machines/Web 01/Containerfile", "web_01"),
    "a file with a name of its own": ("machines/Box.Systemfile", "box"),
    "a name with dots": ("machines/a.b.Containerfile", "a_b"),
    "a file that is called nothing in particular": ("machines/kiosk", "kiosk"),
}


@pytest.mark.parametrize(("path", "name"), SYSTEMS.values(), ids=SYSTEMS.keys())
def test_systemfile(tmp_path, cases, path, name):
    cases.write(tmp_path, {"p/arkes.toml": "", path: "FROM arkes:base\n"})
    project = load_project(tmp_path / "p").project
    part, warnings = load_systemfile(tmp_path / path, project)
    assert (part.name, part.kind, part.context, warnings) == (
        name,
        NodeKind.SYSTEM,
        (tmp_path / path).parent,
        (),
    )


def test_a_folder_means_the_systemfile_in_it(tmp_path, cases, monkeypatch):
    cases.write(tmp_path, {"arkes.toml": "", "machines/box/Systemfile": "FROM scratch\n"})
    monkeypatch.chdir(tmp_path)
    part, _ = load_systemfile(Path("machines/box"), load_project(tmp_path).project)
    assert (part.name, part.file.source.name) == ("box", "machines/box/Systemfile")


def test_a_file_of_the_project_is_the_one_that_was_loaded(tmp_path, cases):
    cases.write(tmp_path, {"arkes.toml": "", **PLAIN})
    project = load_project(tmp_path).project
    part, _ = load_systemfile(tmp_path / "variants/base.Containerfile", project)
    assert part is project.variants["base"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("123/Systemfile", "no node can be called after the folder '123'", id="digits"),
        pytest.param(
            "check.Systemfile",
            "no node can be called after the file 'check'",
            id="a reserved name",
        ),
    ],
)
def test_systemfiles_without_a_name(tmp_path, cases, path, expected):
    cases.write(tmp_path, {"arkes.toml": "", path: "FROM scratch\n"})
    with pytest.raises(SourceError) as caught:
        load_systemfile(tmp_path / path, load_project(tmp_path).project)
    assert caught.value.diagnostics[0].message.startswith(expected)


def test_a_systemfile_that_is_not_there(tmp_path, cases):
    cases.write(tmp_path, {"arkes.toml": ""})
    with pytest.raises(ProjectError, match="no such file or directory"):
        load_systemfile(tmp_path / "nowhere", load_project(tmp_path).project)

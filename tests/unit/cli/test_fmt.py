"""`fmt` writes what changes and nothing else, and tells what it did."""

import io
import json
import sys

import pytest

from arkes_build.cli.main import main
from arkes_build.core import atomic

UGLY, NICE, WRONG = "from x\nrun  a\n", "FROM x\nRUN a\n", "RUM x\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "arkes.toml").write_text("")
    for folder in ("variants", "templates", "server"):
        (tmp_path / folder).mkdir()
    (tmp_path / "variants" / "nice.Containerfile").write_text(NICE)
    (tmp_path / "variants" / "ugly.Systemfile").write_text(UGLY)
    (tmp_path / "server" / "Systemfile").write_text(UGLY)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(capsys, *words):
    code = main(["fmt", *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_projects_own_files_are_written(project, capsys):
    said = "variants/ugly.Systemfile: formatted\n1 file formatted, 1 file already in order\n"
    assert run(capsys) == (0, said, "")
    assert (project / "variants" / "ugly.Systemfile").read_text() == NICE
    assert (project / "server" / "Systemfile").read_text() == UGLY
    assert run(capsys) == (0, "2 files already in order\n", "")


def test_a_file_in_order_is_not_touched(project, capsys):
    before = (project / "variants" / "nice.Containerfile").stat()
    run(capsys)
    after = (project / "variants" / "nice.Containerfile").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_folder_means_the_files_below_it(project, capsys):
    said = "server/Systemfile: formatted\n1 file formatted\n"
    assert run(capsys, "server") == (0, said, "")
    assert (project / "server" / "Systemfile").read_text() == NICE


@pytest.mark.parametrize("words", [["--check"], ["--diff"], ["--check", "--diff"], ["--dry-run"]])
def test_nothing_is_written_by_those_who_only_look(project, capsys, words):
    code, _, _ = run(capsys, *words)
    assert code == (3 if "--check" in words else 0)
    assert (project / "variants" / "ugly.Systemfile").read_text() == UGLY


def test_a_check_names_what_would_change(project, capsys):
    assert run(capsys, "--check") == (
        3,
        "variants/ugly.Systemfile: would be formatted\n1 file to format, 1 file already in order\n",
        "",
    )


@pytest.mark.usefixtures("project")
def test_a_difference_is_all_that_is_printed(capsys):
    assert run(capsys, "--diff") == (
        0,
        (
            "--- variants/ugly.Systemfile\n+++ variants/ugly.Systemfile\n@@ -1,2 +1,2 @@\n"
            "-from x\n-run  a\n+FROM x\n+RUN a\n"
        ),
        "",
    )


def test_a_file_with_errors_is_left_alone_and_named(project, capsys):
    (project / "variants" / "bad.Systemfile").write_text(WRONG)
    code, out, err = run(capsys)
    assert code == 3
    assert out.endswith("1 file formatted, 1 file already in order, 1 file left alone\n")
    assert "variants/bad.Systemfile:1:1: error: " in err
    assert (project / "variants" / "bad.Systemfile").read_text() == WRONG
    assert (project / "variants" / "ugly.Systemfile").read_text() == NICE


@pytest.mark.usefixtures("project")
def test_a_file_that_is_not_there_is_named(capsys):
    code, _, err = run(capsys, "gone/Systemfile")
    assert code == 4
    assert err.startswith("error: cannot read gone/Systemfile: ")


@pytest.mark.usefixtures("project")
def test_a_file_that_cannot_be_written_is_named(capsys, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(atomic, "replace_atomically", refuse)
    code, out, err = run(capsys)
    assert (code, out) == (4, "1 file already in order, 1 file left alone\n")
    assert err.startswith("error: cannot write variants/ugly.Systemfile: permission denied\n")


def test_without_a_project_files_can_be_named(tmp_path, capsys, monkeypatch):
    (tmp_path / "Containerfile").write_text(UGLY)
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "Containerfile")[0] == 0
    assert (tmp_path / "Containerfile").read_text() == NICE
    assert run(capsys)[0] == 4


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param([], (0, NICE), id="standard input goes to standard output"),
        pytest.param(
            ["--check"], (3, "<stdin>: would be formatted\n1 file to format\n"), id="or is checked"
        ),
    ],
)
def test_an_editor_pipes(words, answer, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode())))
    assert run(capsys, "-", *words)[:2] == answer


def test_an_editor_gets_nothing_for_a_text_with_errors(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    code, out, err = run(capsys, "-")
    assert (code, out) == (3, "")
    assert err.startswith("<stdin>:1:1: error: ")


def test_standard_input_stands_alone(capsys):
    assert run(capsys, "-", "Systemfile")[0] == 2


@pytest.mark.usefixtures("project")
def test_a_program_gets_one_object(capsys):
    code, out, err = run(capsys, "--json", "--check", "--diff")
    value = json.loads(out)
    assert (code, err, value["exit_code"], value["diagnostics"]) == (3, "", 3, [])
    assert [each["file"] for each in value["changed"]] == ["variants/ugly.Systemfile"]
    assert value["changed"][0]["diff"].startswith("--- variants/ugly.Systemfile\n")


@pytest.mark.usefixtures("project")
def test_quiet_says_nothing(capsys):
    assert run(capsys, "-q", "--check") == (3, "", "")

"""A shell is told what may come next, at once and whatever the project looks like."""

import subprocess

import pytest

from arkes_build.cli.group import PROGRAM
from arkes_build.cli.main import main
from arkes_build.front.completion import SHELLS

COMPLETE = PROGRAM.variable


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "arkes.toml").touch()
    (tmp_path / "variants").mkdir()
    for name in ("base", "atomic"):
        (tmp_path / "variants" / f"{name}.Containerfile").write_text("# x-templates=slim\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suggestions(monkeypatch, capsys, words):
    monkeypatch.setenv(COMPLETE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    assert main() == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param(["arkes-build", "re"], ["plain,render", "plain,refs"], id="a command"),
        pytest.param(
            ["arkes-build", "build", "b"],
            ["plain,base", "plain,base-slim", "plain,bootstrap"],
            id="a node",
        ),
        pytest.param(
            ["arkes-build", "plan", "base", "b"],
            ["plain,base-slim", "plain,bootstrap"],
            id="a node that was not named yet",
        ),
        pytest.param(["arkes-build", "build", "./s"], ["file,./s"], id="a path"),
        pytest.param(
            ["arkes-build", "all", "--family", ""], ["plain,arch", "plain,debian"], id="a choice"
        ),
        pytest.param(["arkes-build", "all", "--dr"], ["plain,--dry-run"], id="an option"),
        pytest.param(["arkes-build", "nonsense", ""], [], id="after a command that is none"),
        pytest.param(
            ["arkes-build", "completion", ""],
            ["plain,bash", "plain,zsh", "plain,fish"],
            id="a shell",
        ),
    ],
)
def test_suggestions(project, monkeypatch, capsys, words, answer):
    found = suggestions(monkeypatch, capsys, words)
    assert [line for line in found if line] == answer or (
        words[1] == "nonsense" and capsys.readouterr().err == ""
    )


def test_another_project_is_named_by_the_option(project, tmp_path_factory, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    words = ["arkes-build", "plan", "--project", str(project), "at"]
    assert suggestions(monkeypatch, capsys, words) == ["plain,atomic", "plain,atomic-slim"]


@pytest.mark.parametrize("broken", ["bash_complete", "nosuchshell_complete", "bash", ""])
def test_trouble_is_silent(broken, monkeypatch, capsys):
    monkeypatch.setenv(COMPLETE, broken)
    monkeypatch.delenv("COMP_WORDS", raising=False)
    main()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_asks_us(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"{COMPLETE}={shell}_complete" in script
    assert "arkes-build" in script


def test_bash_understands_the_script(capsys):
    main(["completion", "bash"])
    script = capsys.readouterr().out
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\ncomplete -p arkes-build"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "complete -o nosort -F _arkes_build_completion arkes-build\n"
    assert done.stderr == ""


def test_all_names_of_a_large_project_are_suggested(project, monkeypatch, capsys):
    for number in range(300):
        (project / "variants" / f"v{number}.Containerfile").write_text("# x-templates=a,b-c\n")
    found = suggestions(monkeypatch, capsys, ["arkes-build", "plan", "v"])
    assert len(found) == 1200

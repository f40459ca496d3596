"""What `keys` and `pull` do not take is a usage error that says why."""

import json

import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(["keys", "new", "tiny"], "a new key's is --name", id="a name for new"),
        pytest.param(["keys", "export"], "the fingerprint of one key", id="export of nothing"),
        pytest.param(["keys", "steal"], "'steal'", id="another action"),
        pytest.param(["keys"], "new|list|sign|export", id="no action"),
        pytest.param(["keys", "new", "--algorithm", "dsa"], "'dsa'", id="another algorithm"),
        pytest.param(["pull"], "SOURCE", id="no source"),
        pytest.param(["pull", "x", "--all", "--depth", "1"], "contradict", id="two depths"),
        pytest.param(["pull", "x", "--depth", "-1"], "-1", id="a negative depth"),
        pytest.param(["pull", "x", "--keyring", "/nowhere"], "/nowhere", id="a missing keyring"),
    ],
)
def test_it_is_a_usage_error(words, why, capsys):
    assert main(words) == ExitCode.USAGE
    assert why in capsys.readouterr().err


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "arkes.toml").write_text('[project]\nname = "tiny"\nversion = "1"\nepoch = 1\n')
    (tmp_path / "variants").mkdir()
    monkeypatch.setenv("ARKES_KEYS", str(tmp_path / "keys"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["../x", "A", "a/b", "-x", ""])
def test_a_name_that_is_none_makes_nothing(project, name, capsys):
    assert main(["keys", "new", f"--name={name}"]) == ExitCode.USAGE
    assert "cannot be a key's name" in capsys.readouterr().err
    assert not (project / "keys").exists()
    assert not (project / "overlay").exists()


def test_a_time_that_is_none_makes_nothing(project, capsys):
    assert main(["keys", "new", "--expires", "soon"]) == ExitCode.USAGE
    assert "no time at which a key can expire" in capsys.readouterr().err
    assert not (project / "overlay").exists()


def test_without_gnupg_it_says_so(project, monkeypatch, capsys):
    monkeypatch.setattr("shutil.which", lambda *_a, **_k: None)
    assert main(["keys", "new"]) == ExitCode.TOOL_MISSING
    assert "gpg is not installed (needed for signing and its keys)" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "keys"])
def test_a_project_without_anything_has_nothing(project, capsys, command):
    words = ["keys", "list"] if command == "keys" else [command]
    assert main([*words, "--json"]) == ExitCode.OK
    said = json.loads(capsys.readouterr().out)
    assert said["type"] == command
    assert said["keys" if command == "keys" else "commits"] == []
    assert not (project / ".arkes").exists()

"""The folder of the secret keys is found, and taken only when nobody else reaches it."""

import os
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode, ToolMissing
from arkes_build.store import gnupg
from arkes_build.store.gnupg import KeysUnsafe, check_home, keys_home


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"ARKES_KEYS": "/srv/keys"}, "/srv/keys", id="the variable wins"),
        pytest.param({"XDG_DATA_HOME": "/data"}, "/data/arkes/keys", id="the folder of data"),
        pytest.param({}, "/home/me/.local/share/arkes/keys", id="its default"),
        pytest.param(
            {"XDG_DATA_HOME": "data", "ARKES_KEYS": ""},
            "/home/me/.local/share/arkes/keys",
            id="a relative one and an empty one do not count",
        ),
    ],
)
def test_where_the_keys_are(environment, expected, monkeypatch):
    for name in ("ARKES_KEYS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert keys_home() == Path(expected)


def test_a_folder_of_ones_own_is_taken_and_a_missing_one_is_no_trouble(tmp_path):
    home = tmp_path / "keys"
    assert check_home(home) is False
    home.mkdir(mode=0o700)
    assert check_home(home) is True


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o701, 0o770])
def test_a_folder_that_others_reach_is_refused(tmp_path, mode):
    home = tmp_path / "keys"
    home.mkdir()
    home.chmod(mode)
    with pytest.raises(KeysUnsafe) as refused:
        check_home(home)
    assert refused.value.exit_code == ExitCode.SIGNATURE
    assert f"mode {mode:04o}" in refused.value.brief


def test_a_file_and_a_folder_of_somebody_else_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "keys"
    file.write_text("")
    with pytest.raises(KeysUnsafe, match="is no folder"):
        check_home(file)
    own = os.geteuid()
    (tmp_path / "other").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(KeysUnsafe, match="belongs to another user"):
        check_home(tmp_path / "other")


def test_a_session_has_a_short_path_whatever_the_folder_of_temporary_files(monkeypatch):
    monkeypatch.setattr(gnupg.tempfile, "gettempdir", lambda: "/" + "long/" * 40)
    with gnupg.Session() as session:
        assert len(str(session.home)) < gnupg._SHORT
    assert not session.home.exists()


@pytest.mark.parametrize("needs_agent", [False, True], ids=["public keys", "secret keys"])
def test_only_who_signs_needs_the_agent(monkeypatch, tmp_path, needs_agent):
    def find(tool, *, wanted_for):
        if tool != "gpg":
            raise ToolMissing(tool, wanted_for=wanted_for)
        return tool

    monkeypatch.setattr(gnupg, "find", find)
    if needs_agent:
        with pytest.raises(ToolMissing), gnupg.Session(tmp_path):
            pass
    else:
        with gnupg.Session() as session:
            assert session.home.is_dir()

"""A folder for a while is private, held while it lives, and taken away when it is left."""

import os

import pytest

from arkes_build.store.scratch import Scratch

LONG_AGO = 1_000_000_000


@pytest.fixture
def left(tmp_path):
    """Return a folder that a killed run left long ago."""
    folder = tmp_path / "x-left"
    (folder / "inside").mkdir(parents=True)
    os.utime(folder, (LONG_AGO, LONG_AGO))
    return folder


def test_it_is_private_and_goes(tmp_path):
    scratch = Scratch("x-", str(tmp_path))
    assert scratch.path.stat().st_mode & 0o777 == 0o700
    (scratch.path / "file").write_text("x")
    scratch.close()
    scratch.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_is_taken_away(tmp_path, left):
    Scratch("x-", str(tmp_path)).close()
    assert not left.exists()


def test_what_is_young_or_held_or_somebody_elses_stays(tmp_path, left, monkeypatch):
    held = Scratch("x-", str(tmp_path))
    os.utime(held.path, (LONG_AGO, LONG_AGO))
    (tmp_path / "x-young").mkdir()
    (tmp_path / "y-other").mkdir()
    os.utime(tmp_path / "y-other", (LONG_AGO, LONG_AGO))
    (tmp_path / "x-link").symlink_to(tmp_path / "y-other")
    Scratch("x-", str(tmp_path)).close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted([held.path.name, "x-link", "x-young", "y-other"])
    held.close()


def test_a_folder_of_another_user_is_left_alone(tmp_path, left, monkeypatch):
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    Scratch("x-", str(tmp_path)).close()
    assert left.exists()

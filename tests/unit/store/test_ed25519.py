"""libostree's own signatures are asked for; where they are, commits get them once.

This libostree may have no ed25519. Its kind "dummy" has the same calls, and stands in for it:
there, the public half of a key is its secret half.
"""

import base64
import subprocess

import pytest

from arkes_build.store import ed25519
from arkes_build.store.binding import binding


@pytest.fixture
def repo(tmp_path):
    path = tmp_path / "repo"
    (tmp_path / "tree").mkdir()
    words = [f"--repo={path}", "--branch=a", f"--tree=dir={tmp_path / 'tree'}"]
    subprocess.run(["ostree", "init", f"--repo={path}"], check=True)
    subprocess.run(["ostree", "commit", *words], check=True, capture_output=True)
    modules = binding()
    repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(path)))
    repo.open(None)
    return repo


def test_it_is_asked(monkeypatch):
    assert ed25519.is_available() in (True, False)
    monkeypatch.setattr(ed25519, "KIND", "there-is-no-such-kind")
    assert ed25519.is_available() is False
    monkeypatch.setattr(ed25519, "KIND", "dummy")
    assert ed25519.is_available() is True


def test_a_key_is_in_the_form_that_libostree_takes(tmp_path):
    home, root = tmp_path / "home", tmp_path / "project"
    home.mkdir(mode=0o700)
    public = ed25519.make(home, "tiny", root)
    secret = home / "ed25519" / "tiny.key"
    assert (secret.stat().st_mode & 0o777, secret.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert len(base64.b64decode(secret.read_text())) == 64
    assert ed25519.trusted(root) == (public.read_text().strip(),)
    assert ed25519.public_of(secret.read_text()) == public.read_text().strip()


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "A" * 87])
def test_what_is_no_key_has_no_public_half(text):
    assert ed25519.public_of(text) == ""


def test_only_trusted_keys_are_used_and_only_where_libostree_can(tmp_path, monkeypatch):
    home, root = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    for name in ("one", "two"):
        ed25519.make(home, name, root)
    (root / ed25519.FOLDER / "two.ed25519").unlink()
    (root / ed25519.FOLDER / "link.ed25519").symlink_to("/etc/passwd")
    monkeypatch.setattr(ed25519, "is_available", lambda: True)
    assert ed25519.usable(root, home) == ((home / "ed25519/one.key").read_text(),)
    monkeypatch.setattr(ed25519, "is_available", lambda: False)
    assert ed25519.usable(root, home) == ()


def test_a_commit_is_signed_once_by_each_key(repo, monkeypatch):
    monkeypatch.setattr(ed25519, "KIND", "dummy")
    monkeypatch.setattr(ed25519, "public_of", lambda secret: secret)
    monkeypatch.setenv("OSTREE_DUMMY_SIGN_ENABLED", "1")
    commit = repo.resolve_rev("a", False)[1]
    assert not ed25519.is_signed(repo, commit, "one")
    assert ed25519.sign_commit(repo, commit, ["one", "two"]) == 2
    assert ed25519.sign_commit(repo, commit, ["one", "two"]) == 0
    assert ed25519.is_signed(repo, commit, "two")
    assert not ed25519.is_signed(repo, commit, "three")

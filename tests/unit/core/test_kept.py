"""What is kept is given back whole, or not at all."""

import os

import pytest

from arkes_build.core import kept


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({"XDG_CACHE_HOME": "/c"}, "/c/arkes", id="where the user says"),
        pytest.param(
            {"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/arkes", id="not a relative one"
        ),
        pytest.param({"HOME": "/h"}, "/h/.cache/arkes", id="the usual one"),
    ],
)
def test_the_folder(monkeypatch, variables, expected):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(kept.folder()) == expected


@pytest.mark.parametrize("body", [b"", b"text", b"two\nlines\n", bytes(range(256))])
def test_what_is_written_is_read_again(tmp_path, body):
    kept.write(tmp_path / "folder" / "file", body)
    assert kept.read(tmp_path / "folder" / "file") == body


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-1], id="its end is missing"),
        pytest.param(lambda data: data[:10], id="most is missing"),
        pytest.param(lambda data: b"x" + data, id="something is before it"),
        pytest.param(lambda _: b"", id="it is empty"),
    ],
)
def test_a_damaged_file_counts_as_none(tmp_path, damage):
    path = tmp_path / "file"
    kept.write(path, b"body")
    path.write_bytes(damage(path.read_bytes()))
    assert kept.read(path) is None


def test_a_file_of_somebody_else_counts_as_none(tmp_path, monkeypatch):
    kept.write(tmp_path / "file", b"body")
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert kept.read(tmp_path / "file") is None


def test_what_cannot_be_kept_is_not(tmp_path):
    (tmp_path / "file").write_text("in the way")
    kept.write(tmp_path / "file" / "inside", b"body")
    assert kept.read(tmp_path / "file" / "inside") is None
    assert kept.read(tmp_path / "nothing") is None

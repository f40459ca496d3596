"""A text that was right is not checked again; any other is."""

import json

import pytest

from arkes_build.core import kept
from arkes_build.core.source import Source
from arkes_build.project import memory
from arkes_build.project.config import parse_config
from arkes_build.project.errors import ConfigError

TEXT = """
[project]
name = "tiny"
epoch = 1735689600

[bootstrap.arch]
tool = "files"
files = ["/bin/busybox"]

[build]
jobs = 2
"""


@pytest.fixture
def checked(monkeypatch, tmp_path):
    """Keep what is remembered in a folder of its own, and list the texts that are checked."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    texts = []

    def parse(source):
        texts.append(source.text)
        return parse_config(source)

    monkeypatch.setattr(memory, "_parse", parse)
    return texts


def read(text):
    return memory.read_config(Source("arkes.toml", text))


def test_it_is_the_same_the_second_time(checked):
    first = read(TEXT)
    assert first == parse_config(Source("arkes.toml", TEXT))
    assert (read(TEXT), checked) == (first, [TEXT])


def test_another_text_is_checked(checked):
    read(TEXT)
    assert read(TEXT + "\n# more\n") == read(TEXT)
    assert checked == [TEXT, TEXT + "\n# more\n"]


def test_a_wrong_text_is_wrong_each_time(checked):
    for _ in range(2):
        with pytest.raises(ConfigError):
            read("a = 1\n")
    assert checked == ["a = 1\n"] * 2


def test_the_same_text_is_checked_anew_when_the_checks_change(checked, monkeypatch, tmp_path):
    read(TEXT)
    changed = tmp_path / "config.py"
    changed.write_text("other checks")
    monkeypatch.setattr(memory, "_CHECKS", (changed,))
    read(TEXT)
    assert checked == [TEXT, TEXT]


def test_without_the_source_of_the_checks_nothing_is_remembered(checked, monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_CHECKS", (tmp_path / "config.pyc",))
    read(TEXT)
    read(TEXT)
    assert checked == [TEXT, TEXT]


def test_only_the_last_texts_are_remembered(checked, tmp_path):
    texts = [f"# {number}\n" for number in range(memory.MOST + 1)]
    for text in texts:
        read(text)
    assert len(json.loads(kept.read(tmp_path / "arkes" / memory.FILE))) == memory.MOST
    read(texts[1])
    read(texts[0])
    assert checked == [*texts, texts[0]]


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}"])
def test_what_another_version_kept_is_none_of_ours(checked, tmp_path, body):
    kept.write(tmp_path / "arkes" / memory.FILE, body)
    read(TEXT)
    read(TEXT)
    assert checked == [TEXT]

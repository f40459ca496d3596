"""Tell objects from other files by their names."""

import pytest

from arkes_build.delivery.soundness.damage import Kind, Thing, ordered
from arkes_build.delivery.soundness.scan import thing_of, things

REST = "c" * 62


@pytest.mark.parametrize(
    ("folder", "name", "thing"),
    [
        pytest.param("ab", f"{REST}.file", Thing(Kind.FILE, f"ab{REST}"), id="a file"),
        pytest.param("ab", f"{REST}.filez", Thing(Kind.FILE, f"ab{REST}"), id="one in an archive"),
        pytest.param("ab", f"{REST}.commitmeta", Thing(Kind.SIGNATURE, f"ab{REST}"), id="beside"),
        pytest.param("ab", f"{REST}.commit.new", None, id="a longer ending"),
        pytest.param("ab", f"{REST[1:]}.commit", None, id="a digit less"),
        pytest.param("AB", f"{REST}.commit", None, id="upper case"),
        pytest.param("ab", f"../{REST}.commit", None, id="a path"),
    ],
)
def test_a_name_is_an_objects_or_not(folder, name, thing):
    assert thing_of(folder, name) == thing


def test_what_is_no_object_is_passed_over(tmp_path):
    (tmp_path / "objects/ab").mkdir(parents=True)
    (tmp_path / f"objects/ab/{REST}.dirtree").touch()
    (tmp_path / "objects/ab/README").touch()
    (tmp_path / "objects/stray").touch()
    assert list(things(tmp_path)) == [Thing(Kind.FOLDER, f"ab{REST}")]
    assert list(things(tmp_path / "nowhere")) == []


def test_objects_are_ordered_by_kind_and_checksum():
    one, two = Thing(Kind.COMMIT, "a"), Thing(Kind.FILE, "b")
    assert ordered([one, two, Thing(Kind.FILE, "a")]) == [Thing(Kind.FILE, "a"), two, one]

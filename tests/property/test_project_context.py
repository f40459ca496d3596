"""Laws of the context: what must and what must not change what a node knows of its files."""

import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arkes_build.project.patterns import glob_pattern, normal, parse_ignore
from arkes_build.project.tree import Tree

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda name: name not in (".", "..", ".containerignore", ".dockerignore"))
FILES = st.tuples(st.binary(max_size=40), st.booleans())
TREES = st.recursive(FILES, lambda inside: st.dictionaries(NAMES, inside, max_size=4), max_leaves=8)
FOLDERS = st.dictionaries(NAMES, TREES, max_size=4)

USUAL = settings(max_examples=60, deadline=None)


def write(root, tree, umask=0o022):
    before = os.umask(umask)
    try:
        _write(root, tree)
    finally:
        os.umask(before)


def _write(root, tree):
    root.mkdir(exist_ok=True)
    for name, inside in tree.items():
        place = root / name
        if isinstance(inside, dict):
            _write(place, inside)
            continue
        content, is_program = inside
        mode = 0o777 if is_program else 0o666
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT, mode), "wb") as stream:
            stream.write(content)


def known(root):
    found = Tree(root).find("")
    assert found.troubles == ()
    return found.files


def places(root):
    return sorted(root.rglob("*"))


@USUAL
@given(FOLDERS, st.sampled_from([0o000, 0o002, 0o022, 0o027, 0o077]))
def test_the_umask_of_a_checkout_changes_nothing(tree, umask):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        write(Path(one), tree)
        write(Path(other), tree, umask)
        assert known(Path(one)) == known(Path(other))


@USUAL
@given(FOLDERS, st.integers(0, 2**31 - 1), st.integers(0, 65_535))
def test_owner_and_times_change_nothing(tree, seconds, owner):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, tree)
        before = known(root)
        for place in places(root):
            if os.geteuid() == 0:
                os.chown(place, owner, owner)
            os.utime(place, (seconds, seconds))
        assert known(root) == before


@USUAL
@given(FOLDERS)
def test_a_copy_is_the_same(tree):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        write(Path(one), dict(reversed(tree.items())))
        write(Path(other), tree)
        assert known(Path(one)) == known(Path(other))


def _more(place):
    if place.is_dir():
        (place / "one more").touch()
    else:
        place.write_bytes(place.read_bytes() + b"x")


def _other_mode(place):
    is_folder = place.is_dir()
    place.chmod(stat.S_IMODE(place.stat().st_mode) ^ (stat.S_ISVTX if is_folder else stat.S_IXUSR))


def _attribute(place):
    os.setxattr(place, "user.note", b"x")


def _into_link(place):
    place.rename(place.with_name("moved away"))
    place.symlink_to("moved away")


CHANGES = [
    pytest.param(_more, id="content"),
    pytest.param(_other_mode, id="mode"),
    pytest.param(_attribute, id="an extended attribute"),
    pytest.param(_into_link, id="a link in its place"),
]


@pytest.mark.parametrize("change", CHANGES)
@USUAL
@given(FOLDERS.filter(bool), st.data())
def test_every_change_that_counts_is_seen(change, tree, data):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, tree)
        before = known(root)
        change(data.draw(st.sampled_from(places(root))))
        assert known(root) != before


@USUAL
@given(st.text(max_size=12), st.text(max_size=12))
def test_the_target_of_a_link_is_kept_as_it_is(one, other):
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for target in (one, other):
            link = Path(folder) / "link"
            link.unlink(missing_ok=True)
            try:
                link.symlink_to("/" + target)
            except (ValueError, UnicodeEncodeError):
                return
            (entry,) = known(Path(folder))
            found.append(entry.target == "/" + target)
        assert found == [True, True]


@given(st.text(alphabet="ab./", max_size=20))
def test_a_normal_path_is_normal(path):
    once = normal(path)
    assert normal(once) == once
    assert not once.startswith("/")
    assert "." not in once.split("/")


@given(st.text(alphabet="ab*?[]^-!\\/#. \n", max_size=20), st.text(alphabet="ab/-", max_size=8))
def test_no_pattern_is_too_strange(pattern, path):
    assert hasattr(glob_pattern(pattern), "fullmatch")
    assert parse_ignore(".dockerignore", pattern).hides(path) in (True, False)


@given(st.text(max_size=20))
def test_a_name_with_every_letter_escaped_matches_itself(name):
    pattern = "".join(f"\\{letter}" for letter in name)
    assert glob_pattern(pattern).fullmatch(name)

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.bootstrap.ostree import Tree
from arkes_build.core.names import Arch, Family
from arkes_build.engine import shelf
from arkes_build.pipeline import bases
from arkes_build.pipeline.ground import Ground

GROUND = Ground(
    commit="ab" * 32,
    node="base",
    version="1",
    epoch=86400,
    family=Family.DEBIAN,
    arch=Arch.X86_64,
)
OTHER = replace(GROUND, commit="cd" * 32)


@pytest.fixture
def asked(monkeypatch):
    """Trees that are made without OSTree; the list of the commits that were wanted."""
    commits = []

    def lay_out(repository, commit, folder):
        commits.append(commit)
        for name in ("tree", "var"):
            (folder / name).mkdir(parents=True)
        return Tree(tree=folder / "tree", var=folder / "var")

    monkeypatch.setattr(bases, "lay_out", lay_out)
    return commits


def prepare(folder, ground=GROUND):
    return bases.prepare(folder / "bases", ground, repository=Path("/repo"), run=folder / "run")


def test_a_release_is_made_ready_once(tmp_path, asked):
    first = prepare(tmp_path)
    assert prepare(tmp_path) == first
    assert asked == [GROUND.commit]
    assert sorted(path.name for path in first.path.iterdir()) == ["shelf", "storage.conf"]


def test_podman_is_told_where_its_storage_is(tmp_path, asked):
    made = prepare(tmp_path)
    told = tomllib.loads(made.storage.read_text())["storage"]
    assert told["graphroot"] == str(made.path / "storage")
    assert told["runroot"] == str(tmp_path / "run" / GROUND.commit[:16])
    assert told["options"]["additionalimagestores"] == [str(made.path / "shelf")]


def test_what_was_cut_is_made_anew(tmp_path, asked):
    made = prepare(tmp_path)
    (made.path / "shelf/overlay-images/images.json").unlink()
    (made.path / "storage").mkdir()
    prepare(tmp_path)
    assert shelf.is_whole(made.path / "shelf")
    assert not (made.path / "storage").exists()
    assert len(asked) == 2


def test_another_release_takes_the_place_of_the_one_before(tmp_path, asked):
    before = prepare(tmp_path)
    (before.path / "storage").mkdir()
    after = prepare(tmp_path, OTHER)
    assert list((tmp_path / "bases").iterdir()) == [after.path]


def test_an_image_is_known_before_it_is_there_and_is_that_of_its_commit():
    assert bases.image_of(GROUND) == bases.image_of(GROUND)
    assert bases.image_of(GROUND).image != bases.image_of(OTHER).image


def test_to_forget_where_nothing_is_does_nothing(tmp_path):
    bases.forget(tmp_path / "none")

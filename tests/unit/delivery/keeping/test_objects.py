"""List, weigh and remove objects."""

import os

import pytest

from arkes_build.delivery.keeping import staging
from arkes_build.delivery.keeping.objects import Name, Objects, Weight, remove, weigh

A, B = "a" * 64, "b" * 64


@pytest.fixture
def repository(tmp_path):
    for name, text in {
        f"objects/aa/{A[2:]}.file": "12345",
        f"objects/aa/{A[2:]}.dirtree": "1",
        f"objects/bb/{B[2:]}.filez": "123",
        f"objects/bb/{B[2:]}.commitmeta": "",
        "objects/bb/tmp-1234": "not ours",
        "objects/bb/x.strange": "not ours",
        "objects/README": "not ours",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_objects_are_told_by_kind(repository):
    assert Objects(repository).listed() == {
        "file": {A},
        "dirtree": {A},
        "filez": {B},
        "commitmeta": {B},
    }
    assert Objects(repository / "nowhere").listed() == {}


def test_what_is_removed_weighs_what_it_weighed(repository):
    objects = Objects(repository)
    names = [Name(A, "file"), Name(A, "dirtree"), Name(B, "file")]
    told = objects.weigh(names)
    assert (told.files, told.size) == (2, 6)
    assert objects.remove(names) == told
    objects.sync(names)
    assert objects.remove(names) == Weight()
    assert objects.listed() == {"filez": {B}, "commitmeta": {B}}


def test_a_file_with_a_second_name_frees_nothing(repository):
    path = Objects(repository).path(Name(A, "file"))
    os.link(path, repository / "checkout")
    assert weigh([path]) == remove(path) == Weight(files=1)
    assert (repository / "checkout").read_text() == "12345"


def test_a_payload_link_is_followed_to_its_file(repository):
    link = repository / f"objects/bb/{B[2:]}.payload-link"
    link.symlink_to(f"../aa/{A[2:]}.file")
    assert Objects(repository).payload_of(B) == A
    assert Objects(repository).payload_of(A) == ""


def test_what_killed_runs_left_goes_and_the_cache_stays(repository):
    for name in (
        "tmp/staging-boot-x/aa/1.file",
        "tmp/arkes-going-staging-y/aa/2.file",
        "tmp/arkes-waiting/bb/3.commit",
        "tmp/staging-boot-x-lock",
        "tmp/cache/summaries/origin",
    ):
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    freed = staging.clear(repository)
    assert (freed.files, freed.size) == (4, 4)
    assert [path.name for path in (repository / "tmp").iterdir()] == ["cache"]
    assert staging.clear(repository) == Weight()


def test_a_delta_is_gone_with_its_folder(repository):
    folder = repository / "deltas/ab/cdef"
    folder.mkdir(parents=True)
    for name in ("superblock", "0", "1"):
        (folder / name).write_text("12")
    freed = staging.clear_delta(str(folder))
    assert (freed.files, freed.size) == (3, 6)
    assert not folder.exists()

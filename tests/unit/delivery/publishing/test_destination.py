"""Know a folder that is ours from one that is not."""

import json

import pytest

from arkes_build.delivery.publishing.destination import NotPublishable, Remembered, _read

FULL = Remembered(
    project="os",
    url="https://example.org/os",
    releases={"os/x86_64/base": ["a" * 64, "b" * 64]},
    leaving=["c" * 64],
    weights={"a": [1, 2]},
    is_finished=False,
)


def write(path, **values):
    base = {"project": "os", "version": 1}
    (path / "arkes.json").write_text(json.dumps(base | values))


def test_what_was_remembered_comes_back(tmp_path):
    from dataclasses import asdict

    write(tmp_path, **asdict(FULL))
    assert _read(tmp_path, "os") == FULL


@pytest.mark.parametrize("names", [[], ["arkes.lock"], ["arkes.lock", ".arkes.json.77.new"]])
def test_a_folder_that_a_killed_publish_began_is_free(tmp_path, names):
    for name in names:
        (tmp_path / name).touch()
    assert _read(tmp_path, "os") == Remembered(project="os")


def test_a_folder_that_is_not_there_is_free(tmp_path):
    assert _read(tmp_path / "new", "os") == Remembered(project="os")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"releases": {"ref": "abc"}}, id="releases that are no list"),
        pytest.param({"releases": {"ref": [1]}}, id="a commit that is a number"),
        pytest.param({"releases": {"ref": ["../../etc"]}}, id="a commit that is a path"),
        pytest.param({"releases": {"../ref": []}}, id="a ref that leads elsewhere"),
        pytest.param({"releases": []}, id="releases that are a list"),
        pytest.param({"weights": {"a": [1]}}, id="one weight of two"),
        pytest.param({"weights": {"a": ["1", "2"]}}, id="weights that are texts"),
        pytest.param({"leaving": {"a": 1}}, id="commits to leave that are no list"),
        pytest.param({"version": "1"}, id="a version that is a text"),
        pytest.param({"url": None}, id="no address"),
        pytest.param({"more": 1}, id="a field that nobody knows"),
        pytest.param({"is_finished": 1}, id="a number for yes"),
    ],
)
def test_a_state_that_somebody_changed_is_refused(tmp_path, values):
    write(tmp_path, **values)
    with pytest.raises(NotPublishable, match="is not what was written there"):
        _read(tmp_path, "os")


def test_a_file_in_its_place_is_refused(tmp_path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotPublishable, match="it is no folder"):
        _read(path, "os")

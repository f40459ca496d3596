"""Check which project a run is about, and a Systemfile that has none."""

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.project.errors import ProjectNotFound
from arkes_build.project.home import Home, find_home
from arkes_build.project.model import Outside
from arkes_build.project.reading import read_project


@pytest.fixture
def folders(tmp_path, monkeypatch, cases):
    files = {
        "project/arkes.toml": "",
        "project/box/Systemfile": "FROM arkes:base\n",
        "other/arkes.toml": "",
        "lonely/Systemfile": "FROM arkes:base\nHOSTNAME box\nRUN true\n",
        "empty/": "",
    }
    cases.write(tmp_path, {path: text for path, text in files.items() if not path.endswith("/")})
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return tmp_path


def test_the_project_where_one_stands_goes_first(folders, monkeypatch):
    monkeypatch.chdir(folders / "other")
    assert find_home(None, [folders / "project/box/Systemfile"]) == Home(root=folders / "other")


def test_then_the_one_that_the_file_is_below(folders):
    for path in ("project/box/Systemfile", "project/box"):
        assert find_home(None, [folders / path]) == Home(root=folders / "project")


def test_a_file_outside_any_project_is_its_own(folders):
    home = Home(root=folders / "lonely", is_implicit=True)
    assert find_home(None, [folders / "lonely/Systemfile"]) == home


def test_a_project_that_is_named_must_be_there(folders):
    with pytest.raises(ProjectNotFound):
        find_home(folders / "lonely", [folders / "lonely/Systemfile"])
    with pytest.raises(ProjectNotFound):
        find_home(None)


def read_lonely(folders, look_up):
    return read_project(
        folders / "lonely",
        family=Family.DEBIAN,
        arch=Arch.X86_64,
        systemfiles=[folders / "lonely/Systemfile"],
        is_implicit=True,
        look_up=look_up,
    ).expansion.nodes


def test_names_are_images_then_each_looked_up_once(folders):
    asked = []

    def look_up(name):
        asked.append(name)
        return Outside(id="a" * 64, user="me")

    (node,) = read_lonely(folders, look_up)
    assert (node.name, node.images, node.dependencies) == ("lonely", {"base": "a" * 64}, ())
    assert [f"{i.keyword} {i.text}".partition(" /")[0] for i in node.instructions[1:4:2]] == [
        "USER root",
        "USER me",
    ]
    assert asked == ["base"]


def test_an_image_that_is_not_there_has_no_id(folders):
    (node,) = read_lonely(folders, lambda name: None)
    assert node.images == {"base": ""}


def test_wrong_values_go_before_a_missing_image(folders):
    (folders / "lonely/Systemfile").write_text("FROM arkes:base\nHOSTNAME a_b\n")
    with pytest.raises(SourceError):
        read_lonely(folders, lambda name: None)

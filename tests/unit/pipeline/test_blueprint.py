"""Check what a run is about: paths as targets, and Systemfiles outside any project."""

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.engine import tags
from arkes_build.engine.errors import ImageMissing
from arkes_build.pipeline.blueprint import read
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.project.model import Outside

FILES = {
    "project/arkes.toml": "",
    "project/variants/base.Containerfile": "FROM scratch\n",
    "project/templates/slim.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
    "box/Systemfile": "FROM arkes:base\nTEMPLATE slim\n",
    "lonely/Systemfile": "FROM arkes:base\nHOSTNAME box\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def options(**fields):
    return Options(family=Family.DEBIAN, arch=Arch.X86_64, **fields)


def test_a_path_means_the_end_of_its_templates(folder):
    target = str(folder / "box/Systemfile")
    blueprint = read(options(project=folder / "project"), (target, "base"))
    assert blueprint.targets == ("box-slim", "base")


def test_outside_a_project_the_image_is_an_input(folder, monkeypatch):
    asked = []
    images = iter(["a" * 64, "b" * 64])

    def image_of(tag):
        asked.append(tag)
        return Outside(id=next(images), user="")

    monkeypatch.setattr(tags, "image_of", image_of)
    target = str(folder / "lonely/Systemfile")
    keys = [Pipeline(options()).plan((target,)).actions[0].key for _ in range(2)]
    assert keys[0] != keys[1]
    assert asked == ["localhost/arkes:base"] * 2
    assert not (folder / "lonely/.arkes").exists()


def test_the_text_names_the_image(folder, monkeypatch):
    monkeypatch.setattr(tags, "image_of", lambda tag: Outside(id="a" * 64, user="me"))
    text = Pipeline(options()).render(str(folder / "lonely/Systemfile")).text
    assert f"# arkes:base\nFROM sha256:{'a' * 64} AS arkes_system\nUSER root\nRUN " in text
    assert "\nUSER me\n" in text


def test_an_image_that_nobody_has(folder, monkeypatch):
    monkeypatch.setattr(tags, "image_of", lambda tag: None)
    with pytest.raises(ImageMissing) as caught:
        Pipeline(options()).plan((str(folder / "lonely/Systemfile"),))
    assert caught.value.tag == "localhost/arkes:base"


def test_check_asks_no_engine(folder, monkeypatch):
    monkeypatch.setattr(tags, "image_of", lambda tag: pytest.fail(f"asked for {tag}"))
    assert Pipeline(options()).check([folder / "lonely/Systemfile"]) == ()

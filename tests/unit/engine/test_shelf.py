import json

import pytest

from arkes_build.core.digest import bytes_digest
from arkes_build.core.names import Arch
from arkes_build.engine import shelf

NAMES = ("first", "second")


@pytest.fixture
def image():
    return shelf.premade(NAMES, arch=Arch.X86_64, epoch=86400)


@pytest.fixture
def put(tmp_path, image):
    def make():
        folders = []
        for name in NAMES:
            folder = tmp_path / f"new-{name}"
            folder.mkdir()
            (folder / name).write_text(name)
            folders.append(folder)
        shelf.put(tmp_path / "shelf", image, folders, tag="localhost/arkes:base")
        return tmp_path / "shelf"

    return make


def test_an_image_is_known_by_the_names_of_its_layers(image):
    assert image == shelf.premade(NAMES, arch=Arch.X86_64, epoch=86400)
    others = (
        shelf.premade(("first", "third"), arch=Arch.X86_64, epoch=86400),
        shelf.premade(NAMES, arch=Arch.AARCH64, epoch=86400),
        shelf.premade(NAMES, arch=Arch.X86_64, epoch=0),
    )
    assert image.image not in {other.image for other in others}


def test_its_configuration_lists_the_layers(image):
    config = json.loads(image.config)
    assert config["rootfs"]["diff_ids"] == [f"sha256:{bytes_digest(n.encode())}" for n in NAMES]
    assert config["architecture"] == "amd64"
    assert config["created"] == "1970-01-02T00:00:00Z"
    assert image.chain[0] == image.diff_ids[0]
    assert image.image == bytes_digest(image.config)


def test_a_store_has_layers_upon_each_other(put, image):
    root = put()
    first, second = json.loads((root / "overlay-layers/layers.json").read_text())
    assert first["id"] == image.diff_ids[0].removeprefix("sha256:")
    assert second["parent"] == first["id"]
    assert second["id"] == bytes_digest(f"{first['id']}+{image.diff_ids[1][7:]}".encode())
    assert (root / "overlay" / second["id"] / "diff/second").read_text() == "second"
    short = (root / "overlay" / first["id"] / "link").read_text()
    assert (root / "overlay" / second["id"] / "lower").read_text() == f"l/{short}"
    assert (root / "overlay/l" / short / "first").read_text() == "first"


def test_a_store_lists_its_image_under_the_tag(put, image):
    root = put()
    (listed,) = json.loads((root / "overlay-images/images.json").read_text())
    assert listed["names"] == ["localhost/arkes:base"]
    assert listed["id"] == image.image
    assert listed["big-data-sizes"]["manifest"] == len(image.manifest)
    data = {path.read_bytes() for path in (root / "overlay-images" / image.image).iterdir()}
    assert data == {image.config, image.manifest}


def test_what_was_there_goes(put, tmp_path):
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf/old").write_text("old")
    assert not (put() / "old").exists()


def test_a_store_that_was_not_finished_is_not_whole(put, tmp_path):
    assert not shelf.is_whole(tmp_path / "shelf")
    root = put()
    assert shelf.is_whole(root)
    (root / "overlay-images/images.json").unlink()
    assert not shelf.is_whole(root)


def test_settings_name_the_shelf_and_the_own_storage(tmp_path):
    text = shelf.settings(tmp_path / 'a"b', storage=tmp_path / "s", run=tmp_path / "r")
    assert f'graphroot = "{tmp_path}/s"' in text
    assert f'runroot = "{tmp_path}/r"' in text
    assert f'additionalimagestores = ["{tmp_path}/a\\"b"]\n' in text
    assert text.endswith('[storage.options.overlay]\nskip_mount_home = "true"\n')

from pathlib import Path

import pytest

from arkes_build.core.names import Arch
from arkes_build.engine.podman import _layers, _parameters
from arkes_build.engine.probe import Choice
from arkes_build.engine.protocol import BuildRequest
from arkes_build.render.model import Rendered

ONE, TWO, THREE = (f"sha256:{character * 64}" for character in "123")


def inspection(**fields):
    known = {
        "RootFS": {"Type": "layers", "Layers": [ONE, TWO, THREE]},
        "GraphDriver": {
            "Name": "overlay",
            "Data": {"LowerDir": "/s/two/diff:/s/one/diff", "UpperDir": "/s/three/diff"},
        },
    }
    return known | fields


def paths(found):
    return [layer.path and str(layer.path) for layer in _layers(found)]


def test_layers_go_from_the_lowest_to_the_highest():
    assert paths(inspection()) == ["/s/one/diff", "/s/two/diff", "/s/three/diff"]


@pytest.mark.parametrize(
    "driver",
    [
        pytest.param({"Name": "vfs", "Data": {}}, id="another driver"),
        pytest.param(None, id="no driver told"),
        pytest.param(
            {"Name": "overlay", "Data": {"UpperDir": "/s/three/diff"}},
            id="fewer folders than layers",
        ),
    ],
)
def test_without_certain_folders_there_are_none(driver):
    assert paths(inspection(GraphDriver=driver)) == [None, None, None]


def test_an_image_without_layers_is_fine():
    assert paths(inspection(RootFS={"Type": "layers", "Layers": None})) == []


def request(text, **fields):
    return BuildRequest(
        rendered=Rendered(node="n", text=text),
        context=None,
        tag="localhost/x:n",
        epoch=7,
        log=Path("/log"),
        **({"arch": Arch.X86_64} | fields),
    )


def test_only_arguments_that_the_text_mentions_are_sent():
    asked = request("FROM scratch\nARG PACKAGES\n", arguments={"PACKAGES": "a", "PACKAGE": "b"})
    assert _parameters(asked, Choice(key="", isolation="oci"))["buildargs"] == '{"PACKAGES":"a"}'


def test_a_build_is_cached_dated_and_isolated(monkeypatch):
    monkeypatch.setattr("arkes_build.engine.podman.machine_arch", lambda: Arch.X86_64)
    found = _parameters(request("FROM scratch\n"), Choice(key="", isolation="chroot"))
    assert {name: found[name] for name in ("isolation", "layers", "nocache", "timestamp")} == {
        "isolation": "chroot",
        "layers": "true",
        "nocache": "false",
        "timestamp": "7",
    }
    assert found["outputformat"] == "application/vnd.oci.image.manifest.v1+json"
    assert "platform" not in found


def test_another_architecture_is_asked_for(monkeypatch):
    monkeypatch.setattr("arkes_build.engine.podman.machine_arch", lambda: Arch.X86_64)
    asked = request("FROM scratch\n", arch=Arch.AARCH64)
    assert _parameters(asked, Choice(key="", isolation="oci"))["platform"] == "linux/arm64"

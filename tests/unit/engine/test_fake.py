from pathlib import Path

import pytest

from arkes_build.core.errors import ArkesError
from arkes_build.core.events import silent
from arkes_build.core.names import Arch
from arkes_build.engine.fake import FakeEngine
from arkes_build.engine.protocol import BuildRequest
from arkes_build.render.model import Capabilities, Rendered


def request(text="FROM scratch\n", **fields):
    known = {"context": None, "tag": "localhost/x:n", "arch": Arch.X86_64, "epoch": 0}
    rendered = Rendered(node="n", text=text)
    return BuildRequest(rendered=rendered, log=Path("/none"), **(known | fields))


def test_the_same_request_is_the_same_image_in_any_engine():
    one, two = (FakeEngine().build(request(), silent) for _ in range(2))
    assert one == two
    assert one != FakeEngine().build(request("FROM scratch\nUSER 1\n"), silent)
    assert one != FakeEngine().build(request(arguments={"A": "b"}), silent)


def test_images_are_found_by_their_id():
    engine = FakeEngine()
    image = engine.build(request(), silent)
    assert engine.images([image.id, "0" * 64]) == {image.id}


def test_a_tree_is_one_layer_without_a_folder(tmp_path):
    (tmp_path / "tree.tar").write_bytes(b"tree")
    engine = FakeEngine()
    image = engine.load(tmp_path / "tree.tar", tag="localhost/x:b", arch=Arch.X86_64, epoch=1)
    assert [layer.path for layer in image.layers] == [None]
    assert engine.loaded == ["localhost/x:b"]


def test_a_node_fails_when_it_is_told_to():
    engine = FakeEngine(failures={"n": ArkesError("no")})
    with pytest.raises(ArkesError, match="no"):
        engine.build(request(), silent)
    assert len(engine.requests) == 1


def test_it_understands_what_it_is_told_to():
    known = Capabilities(heredocs=False, cache_mounts=False)
    engine = FakeEngine(capabilities=known)
    engine.start()
    engine.close()
    assert (engine.capabilities(), engine.describe()) == (known, "no engine")

import hashlib
import io
import json
import tarfile

from arkes_build.core.names import Arch
from arkes_build.engine.archive import chain_ids, wrap


def sha(data):
    return hashlib.sha256(data).hexdigest()


def members(archive):
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive.pieces()))) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar}


def test_every_blob_has_the_name_of_its_content_and_is_named_by_the_one_above(tmp_path):
    layer = tmp_path / "layer.tar"
    layer.write_bytes(b"not really a tar, 1234")
    archive = wrap(layer, arch=Arch.AARCH64, epoch=1)
    found = members(archive)
    blobs = {n.rpartition("/")[2]: d for n, d in found.items() if n.startswith("blobs/")}
    assert all(name == sha(data) for name, data in blobs.items())
    manifest = json.loads(
        blobs[json.loads(found["index.json"])["manifests"][0]["digest"].removeprefix("sha256:")]
    )
    config = json.loads(blobs[manifest["config"]["digest"].removeprefix("sha256:")])
    assert archive.image == manifest["config"]["digest"].removeprefix("sha256:")
    assert manifest["layers"][0]["digest"] == config["rootfs"]["diff_ids"][0]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{sha(layer.read_bytes())}"]
    assert (config["architecture"], config["created"]) == ("arm64", "1970-01-01T00:00:01Z")


def test_the_same_tar_is_the_same_image_wherever_it_lies(tmp_path):
    (tmp_path / "a").write_bytes(b"tree")
    (tmp_path / "b").write_bytes(b"tree")
    one, two = (wrap(tmp_path / name, arch=Arch.X86_64, epoch=7) for name in "ab")
    assert one.image == two.image
    assert one.image != wrap(tmp_path / "a", arch=Arch.X86_64, epoch=8).image
    assert one.image != wrap(tmp_path / "a", arch=Arch.RISCV64, epoch=7).image


def test_chain_ids_are_those_of_the_image_specification():
    one, two, three = (f"sha256:{character * 64}" for character in "123")
    second = "sha256:" + sha(f"{one} {two}".encode())
    third = "sha256:" + sha(f"{second} {three}".encode())
    assert chain_ids([one, two, three]) == (one, second, third)
    assert chain_ids([]) == ()

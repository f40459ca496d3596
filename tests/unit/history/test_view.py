"""Read trees by paths; whatever an object's bytes are, reading them ends in our own errors."""

import stat
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arkes_build.history.trees import Entry
from arkes_build.history.view import About, ContentUnreadable, Files, View
from arkes_build.store.folders import parse

CHECKSUM = "ab" * 32


def test_a_tree_is_looked_at_by_paths(garden):
    view = View(
        garden.trees,
        garden.plant({"etc/a": "text", "etc/link": "→ a", "etc/d/x": "", "etc/odd": b"\xff"}),
    )
    assert view.names("etc") == ("a", "d", "link", "odd")
    assert view.names("nothing/here") == ()
    assert (view.text("etc/a"), view.text("etc/odd"), view.text("etc/none")) == ("text", "�", "")
    assert view.read("etc/link") == b""
    assert view.folder("etc/a") is None
    assert view.files.about(Entry(view.file("etc/link"))).target == "a"


def test_the_metadata_of_a_folder(garden):
    root = garden.plant({"x": ""}, {"": 0o1777})
    found = Files(garden.trees).about(Entry(root.meta, is_folder=True))
    assert found == About(0o1777, 0, 0)


def archived(size, mode, target=b"", content=b""):
    header = struct.pack(">QIIII", size, 7, 8, mode, 0) + target + b"\0"
    packer = zlib.compressobj(wbits=-15)
    return struct.pack(">II", len(header), 0) + header + packer.compress(content) + packer.flush()


@pytest.fixture
def archive(garden):
    def put(data):
        path = garden.path / "objects" / CHECKSUM[:2] / f"{CHECKSUM[2:]}.filez"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return Files(garden.trees)

    return put


def test_a_compressed_file(archive):
    files = archive(archived(4, stat.S_IFREG | 0o640, content=b"text"))
    assert files.about(Entry(CHECKSUM)) == About(0o640, 7, 8, 4)
    assert files.read(CHECKSUM) == b"text"


def test_a_link_in_an_archive(archive):
    files = archive(archived(0, stat.S_IFLNK | 0o777, target=b"../x"))
    assert files.about(Entry(CHECKSUM)).target == "../x"


@pytest.mark.parametrize("data", [b"", b"\0" * 9, b"\xff" * 60, archived(4, 0o100644)[:20]])
def test_a_damaged_one_is_named(archive, data):
    files = archive(data)
    with pytest.raises(ContentUnreadable, match=CHECKSUM):
        files.about(Entry(CHECKSUM))


def test_one_that_is_gone_is_named(garden):
    files = Files(garden.trees)
    for read in (files.read, lambda one: files.about(Entry(one))):
        with pytest.raises(ContentUnreadable, match="No such file"):
            read(CHECKSUM)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_folder_or_none(data):
    try:
        parse(data)
    except (ValueError, IndexError):
        return

"""Keep what is known of nodes, and believe no file that says something else."""

from __future__ import annotations

import json

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.project.known import Known
from arkes_build.store.index import (
    is_indexed,
    known_in,
    open_index,
    read_index,
    write_index,
)
from arkes_build.store.store import Store

KNOWN = Known(
    units=frozenset({"nginx.service", "getty@.service"}),
    user_units=frozenset({"pipewire.socket"}),
    packages={"bash": "5.2-1", "nginx": "1:2~3"},
)


def test_what_is_written_is_read(tmp_path):
    assert not is_indexed(tmp_path, "base")
    write_index(tmp_path, "base", KNOWN)
    assert is_indexed(tmp_path, "base")
    assert read_index(tmp_path, "base") == KNOWN


def test_same_knowledge_same_bytes(tmp_path):
    write_index(tmp_path, "one", KNOWN)
    other = Known(
        units=KNOWN.units,
        user_units=KNOWN.user_units,
        packages=dict(reversed(KNOWN.packages.items())),
    )
    write_index(tmp_path, "two", other)
    texts = {path.read_bytes() for path in (tmp_path / "index").iterdir()}
    assert len(texts) == 1


def test_units_are_files_of_a_kind_wherever_a_tree_has_them(plain_tree):
    tree = plain_tree(
        {
            "usr/lib/systemd/system/nginx.service": b"",
            "usr/lib/systemd/system/nginx.service.d/x.conf": b"",
            "usr/lib/systemd/system/multi-user.target.wants/nginx.service": b"",
            "usr/lib/systemd/system/README": b"",
            "etc/systemd/system/own@.timer": b"",
            "usr/etc/systemd/user/mine.socket": b"",
            "usr/lib/systemd/user/pipewire.service": b"",
        }
    )
    packages = ("bash=5.2-1", "libc6:amd64=2.36-9", "libc6:i386=2.36-9", "odd=1=2")
    assert known_in(tree, packages) == Known(
        units=frozenset({"nginx.service", "own@.timer"}),
        user_units=frozenset({"mine.socket", "pipewire.service"}),
        packages={"bash": "5.2-1", "libc6": "2.36-9", "odd": "1=2"},
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"{", id="half a file"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"[" * 100_000, id="a deep one"),
        pytest.param(b'{"format": 2}', id="another format"),
        pytest.param(b'{"format":1,"units":"ab","user_units":[],"packages":{}}', id="a text"),
        pytest.param(b'{"format":1,"units":[1],"user_units":[],"packages":{}}', id="a number"),
        pytest.param(b'{"format":1,"units":[],"user_units":[],"packages":[]}', id="no table"),
        pytest.param(b'{"format":1,"units":[],"user_units":[]}', id="something missing"),
        pytest.param(b"\xff\xfe", id="no text at all"),
    ],
)
def test_a_file_that_says_something_else_says_nothing(tmp_path, text):
    (tmp_path / "index").mkdir()
    (tmp_path / "index/base.json").write_bytes(text)
    assert read_index(tmp_path, "base") is None


def test_a_store_where_nothing_was_built_knows_nothing(tmp_path):
    Store.open(tmp_path, family=Family.ARCH, arch=Arch.X86_64)
    assert not open_index(tmp_path)


def test_a_store_is_asked_node_by_node(tmp_path):
    Store.open(tmp_path, family=Family.ARCH, arch=Arch.X86_64)
    for node in ("base", "atomic"):
        write_index(tmp_path, node, KNOWN)
    (tmp_path / "index/torn.json").write_text("{")
    index = open_index(tmp_path)
    assert index
    assert index.family is Family.ARCH
    assert dict(index) == {"atomic": KNOWN, "base": KNOWN}
    assert len(index) == 2
    assert [name in index for name in ("base", "torn", "none", "", "../store", "a/b", "\0")] == [
        True,
        *[False] * 6,
    ]
    # Opening it again is no reason to find it foreign.
    Store.open(tmp_path, family=Family.ARCH, arch=Arch.X86_64)


@pytest.mark.parametrize(
    "identity",
    [None, "{", "[]", json.dumps({"family": "slackware"})],
    ids=["no store", "a torn identity", "another identity", "an unknown family"],
)
def test_without_a_store_nothing_is_known(tmp_path, identity):
    if identity is not None:
        (tmp_path / "store.json").write_text(identity)
    assert open_index(tmp_path) is None

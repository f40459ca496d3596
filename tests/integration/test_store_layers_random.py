"""Random trees, told as overlay diffs of each other, must commit as the trees themselves do."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arkes_build.store import layers as layers_module
from arkes_build.store.model import LayerDiff
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

OPAQUE = "trusted.overlay.opaque"


@dataclass(frozen=True)
class File:
    content: bytes
    mode: int
    owner: int
    xattr: bytes | None = None


@dataclass(frozen=True)
class Link:
    target: str


@dataclass(frozen=True)
class Directory:
    mode: int
    owner: int
    inside: dict[str, object] = field(default_factory=dict)
    xattr: bytes | None = None


names = st.sampled_from(["a", "b", "c", "ö", "d.conf", ".hidden"])
owners = st.sampled_from([0, 1000])
xattrs = st.sampled_from([None, None, None, b"", b"x\0y"])
files = st.builds(
    File,
    content=st.sampled_from([b"", b"1", b"2" * 5000]),
    mode=st.sampled_from([0o644, 0o755, 0o4755, 0o000]),
    owner=owners,
    xattr=xattrs,
)
links = st.builds(Link, target=st.sampled_from(["a", "../b", "/nowhere", "ü"]))
modes = st.sampled_from([0o755, 0o700, 0o1777, 0o2755])


def directories(inside):
    return st.builds(
        Directory,
        mode=modes,
        owner=owners,
        inside=st.dictionaries(names, inside, max_size=5),
        xattr=xattrs,
    )


trees = directories(st.recursive(files | links, directories, max_leaves=12))


def write(path: Path, entry: object) -> None:
    if isinstance(entry, Link):
        path.symlink_to(entry.target)
    elif isinstance(entry, File):
        path.write_bytes(entry.content)
        finish(path, entry)
    else:
        path.mkdir()
        for name, inner in entry.inside.items():
            write(path / name, inner)
        finish(path, entry)


def finish(path: Path, entry: File | Directory) -> None:
    os.chown(path, entry.owner, entry.owner)
    path.chmod(entry.mode)
    if entry.xattr is not None:
        os.setxattr(path, "user.test", entry.xattr)


def write_diff(path: Path, old: object, new: Directory, draw) -> None:
    """Write what a storage driver would: of the ways to say it, any."""
    path.mkdir()
    if not isinstance(old, Directory):
        before = {}
        if draw(st.booleans()):
            os.setxattr(path, OPAQUE, b"y")
    elif draw(st.integers(0, 3)) == 0:
        before = {}
        os.setxattr(path, OPAQUE, b"y")
    else:
        before = old.inside
    for name, entry in new.inside.items():
        was = before.get(name)
        if isinstance(entry, Directory):
            if was != entry or draw(st.booleans()):
                write_diff(path / name, was, entry, draw)
        elif was != entry or draw(st.booleans()):
            write(path / name, entry)
    for name in before.keys() - new.inside.keys():
        os.mknod(path / name, 0o020000, 0)
    finish(path, new)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    repo = tmp_path_factory.mktemp("reference")
    subprocess.run(["ostree", "init", f"--repo={repo}", "--mode=bare"], check=True)
    return repo


def plain_commit(repo: Path, tree: Path) -> str:
    argv = ["ostree", f"--repo={repo}", "commit", "--orphan", "--fsync=false", f"--tree=dir={tree}"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("threads", [False, True], ids=["in-one-thread", "in-threads"])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), chain=st.lists(trees, min_size=1, max_size=4))
def test_diffs_commit_as_the_trees_do(reference, threads, data, chain, monkeypatch):
    if threads:
        monkeypatch.setattr(layers_module, "ALONE", 0)
        monkeypatch.setattr(layers_module, "BATCH", 1)
        monkeypatch.setattr(layers_module, "WHOLE", 2)
    folder = Path(tempfile.mkdtemp(prefix="layers-"))
    try:
        old: object = None
        layers, expected = [], []
        for at, tree in enumerate(chain):
            write_diff(folder / f"diff{at}", old, tree, data.draw)
            write(folder / f"tree{at}", tree)
            layers.append(LayerDiff(chain_id=f"{at:064x}", path=folder / f"diff{at}"))
            expected.append(
                Repository.open(reference).content_checksum(
                    plain_commit(reference, folder / f"tree{at}")
                )
            )
            old = tree
        argv = ["ostree", "init", f"--repo={folder / 'repo'}", "--mode=bare"]
        subprocess.run(argv, check=True)
        with (folder / "repo/config").open("a") as stream:
            stream.write("fsync=false\n")  # hundreds of commits, and no power cut
        made = Repository.open(folder / "repo").commit_layers(layers)
        assert [layer.content for layer in made] == expected
    finally:
        shutil.rmtree(folder)

"""When a disk that is there counts as the one that is wanted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from arkes_build.disk import identity, record
from arkes_build.disk.layout import GIB, lay_out
from arkes_build.disk.model import Disk, Form, Release, RootFs, Wish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    release = Release(node="b", ref="a/b", commit="c" * 64, version="1", timestamp=1, arch="x86_64")
    wish = Wish(
        release=release,
        root_fs=RootFs.XFS,
        form=Form.RAW,
        size=None,
        esp_size=None,
        identity=identity.derived("c"),
    )
    path = tmp_path / "disk.raw"
    path.write_bytes(b"disk")
    return Disk(
        release=release,
        path=path,
        form=Form.RAW,
        layout=lay_out(wish, root_bytes=GIB, esp_bytes=1),
        stored=4096,
        update_url="https://example.org/os",
        kargs=("a", "b=c"),
        seconds=1.5,
    )


def test_what_was_written_is_read_back_whole(disk: Disk, tmp_path: Path) -> None:
    record.write(tmp_path / "records", disk, "key")
    assert record.read(tmp_path / "records", disk.path, "key") == disk


def _touch(path: Path) -> None:
    os.utime(path, (1, 1))


def _replace(path: Path) -> None:
    state = path.stat()
    beside = path.with_name("new")
    beside.write_bytes(b"disk")
    os.utime(beside, ns=(state.st_atime_ns, state.st_mtime_ns))
    beside.replace(path)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.unlink(), id="it is gone"),
        pytest.param(lambda path: path.write_bytes(b"another"), id="it was written to"),
        pytest.param(_touch, id="it was touched"),
        pytest.param(_replace, id="another file has its name"),
    ],
)
def test_a_disk_that_somebody_touched_is_made_anew(
    disk: Disk, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    record.write(tmp_path / "records", disk, "key")
    change(disk.path)
    assert record.read(tmp_path / "records", disk.path, "key") is None


def test_other_options_are_another_disk(disk: Disk, tmp_path: Path) -> None:
    record.write(tmp_path / "records", disk, "key")
    assert record.read(tmp_path / "records", disk.path, "other") is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"key": "key"}', "[" * 100_000, "\udcff"])
def test_a_record_that_cannot_be_read_is_none(disk: Disk, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "records"
    record.write(folder, disk, "key")
    next(folder.iterdir()).write_text(text, errors="surrogateescape")
    assert record.read(folder, disk.path, "key") is None

"""Fill a real file system: a tmpfs of 64 KiB."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import DiskFull, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    argv = ["mount", "-t", "tmpfs", "-o", "size=64k", "arkes-test", str(tmp_path)]
    subprocess.run(argv, check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_write_that_does_not_fit_leaves_the_old_file(small_disk: Path) -> None:
    path = small_disk / "record.json"
    write_atomically(path, b"old")
    with pytest.raises(DiskFull) as caught:
        write_atomically(path, b"x" * 100_000)
    assert caught.value.exit_code is ExitCode.DISK_FULL
    assert path.read_bytes() == b"old"
    assert [p.name for p in small_disk.iterdir()] == ["record.json"]

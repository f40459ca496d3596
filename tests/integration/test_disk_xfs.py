"""The disk on which the system fills an XFS: the real tools, and a machine that is played."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Self

import pytest

from arkes_build.disk import identity
from arkes_build.disk.assemble import Maker
from arkes_build.disk.errors import FileSystemFailed
from arkes_build.disk.layout import MIB
from arkes_build.disk.model import Form, Release, Role, RootFs, Tree, Wish
from arkes_build.disk.workplace import workplace
from arkes_build.vm import machine as vm
from arkes_build.vm.guest import Result

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.vm.spec import Spec

pytestmark = pytest.mark.engine

WISH = Wish(
    release=Release(
        node="tiny", ref="t", commit="c" * 64, version="1", timestamp=1793491204, arch="x86_64"
    ),
    root_fs=RootFs.XFS,
    form=Form.RAW,
    size=512 * MIB,
    esp_size=64 * MIB,
    identity=identity.derived("c" * 64),
)
FILLED = b"what the guest wrote" * 1000


class Played:
    """A machine that writes to the fourth partition of its disk when it is asked to run."""

    answer = Result(exit=0, out="", err="")
    seen: SimpleNamespace

    def __init__(self, spec: Spec) -> None:
        self.spec, self.guest = spec, self
        Played.seen = SimpleNamespace(spec=spec, script="", is_off=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def wait(self, *, timeout: float) -> str:
        assert timeout > 0
        return "boot"

    def run(self, script: str, *, timeout: float) -> Result:
        assert timeout > 0
        raw = self.spec.disk.with_suffix(".test")
        convert = ["qemu-img", "convert", "-f", "qcow2", "-O", "raw", self.spec.disk, raw]
        subprocess.run(convert, check=True)
        said = subprocess.run(["sfdisk", "--json", raw], check=True, capture_output=True).stdout
        table = json.loads(said)["partitiontable"]["partitions"]
        Played.seen.script, Played.seen.table = script, table
        with raw.open("r+b") as stream:
            stream.seek(table[2]["start"] * 512)
            Played.seen.tar = stream.read(table[2]["size"] * 512)
            stream.seek(table[3]["start"] * 512)
            stream.write(FILLED)
        subprocess.run(
            ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, self.spec.disk], check=True
        )
        raw.unlink()
        return self.answer

    def powerdown(self, *, timeout: float) -> None:
        assert timeout > 0
        Played.seen.is_off = True


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setattr(vm, "Machine", Played)
    root, esp = tmp_path / "root", tmp_path / "esp"
    (root / "ostree/repo").mkdir(parents=True)
    (root / "ostree/repo/one").write_bytes(b"x" * 5000)
    (root / "boot").mkdir()
    (root / "boot/two").hardlink_to(root / "ostree/repo/one")
    (esp / "arkes/6.12").mkdir(parents=True)
    (esp / "arkes/6.12/linux").write_bytes(b"kernel")
    return Tree(root=root, esp=esp)


def test_what_the_guest_filled_becomes_the_root(tree: Tree, tmp_path: Path) -> None:
    disk = tmp_path / "out/x.raw"
    with workplace(disk.parent) as work:
        maker = Maker(wish=WISH, work=work)
        layout = maker.lay_out(tree)
        maker.make(tree, layout, disk)
        assert list(work.iterdir()) == []
    root = layout.of(Role.ROOT)
    with disk.open("rb") as stream:
        stream.seek(root.start)
        assert stream.read(root.size).rstrip(b"\0") == FILLED
    # The file system of the guest itself, a tar of the files, and room for the new one.
    sizes = [one["size"] * 512 for one in Played.seen.table]
    assert (sizes[1], sizes[3]) == (root.size, root.size)
    with tarfile.open(fileobj=io.BytesIO(Played.seen.tar)) as archive:
        kinds = {one.name: (one.isdir(), one.islnk(), one.size) for one in archive}
    assert kinds["./boot/two"][:2] == (False, False)
    assert kinds["./ostree/repo/one"][1]
    assert f"-m uuid={root.uuid} " in Played.seen.script
    assert Played.seen.is_off
    assert Played.seen.spec.kernel == tree.esp / "arkes/6.12/linux"


def test_what_goes_wrong_in_the_guest_is_said_and_no_disk_is_left(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Played, "answer", Result(exit=1, out="", err="mkfs.xfs: no such device\n"))
    disk = tmp_path / "out/x.raw"
    with workplace(disk.parent) as work:
        maker = Maker(wish=WISH, work=work)
        layout = maker.lay_out(tree)
        with pytest.raises(FileSystemFailed) as caught:
            maker.make(tree, layout, disk)
    assert "mkfs.xfs: no such device" in caught.value.details
    assert list(disk.parent.iterdir()) == []

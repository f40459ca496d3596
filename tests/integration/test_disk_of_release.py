"""From a release in a store to a disk: libostree and the tools that make file systems, for real."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.disk.errors import DiskTooSmall, NotAFile, NotBootable
from arkes_build.disk.layout import MIB
from arkes_build.disk.model import Form, Role
from arkes_build.pipeline.disks import Request, make_disk
from arkes_build.pipeline.options import Options
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.store import Store
from arkes_build.sysroot.sysroot import Sysroot

pytestmark = pytest.mark.engine

PROJECT = '[project]\nname = "os"\nversion = "1"\nepoch = 1735689600\n'
SMALL = Request(size=400 * MIB, esp_size=64 * MIB, form=Form.RAW)
KERNEL = b"MZ".ljust(0x3C, b"\0") + (0x40).to_bytes(4, "little") + b"PE\0\0kernel"
FILES = {
    "usr/lib/modules/6.1/vmlinuz": KERNEL,
    "usr/lib/modules/6.1/initramfs.img": b"initramfs",
    "usr/lib/os-release": b'ID=tiny\nPRETTY_NAME="Tiny"\n',
    "usr/lib/systemd/boot/efi/systemd-bootx64.efi": b"#### LoaderInfo: systemd-boot 257 ####",
    "etc/motd": b"hello\n",
    "etc/machine-id": b"",
    "usr/bin/big": bytes(range(256)) * 4096,
}


class Project:
    """A project with one release, made without an engine."""

    def __init__(self, root: Path, files: dict[str, bytes]) -> None:
        self.root = root / "project"
        self.root.mkdir(parents=True)
        (self.root / "arkes.toml").write_text(PROJECT)
        self.options = Options(project=self.root, family=Family.DEBIAN, arch=Arch.X86_64)
        diff = root / "diff"
        for name, data in files.items():
            (diff / name).parent.mkdir(parents=True, exist_ok=True)
            (diff / name).write_bytes(data)
        for name in ("boot", "var", "sysroot", "efi", "proc", "sys", "dev", "run", "tmp"):
            (diff / name).mkdir(exist_ok=True)
        # Nothing of the day of the test may be on the disk, nor in the commit.
        for path in diff.rglob("*"):
            os.utime(path, (0, 0))
        store = Store.open(self.root / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64)
        about = NodeMetadata(node="tiny", version="1", key="", image="")
        with store.repository().transaction():
            (layer,) = store.repository().commit_layers([LayerDiff(chain_id="1" * 64, path=diff)])
            made = store.repository().commit_node("os/x86_64/tiny", layer, about, epoch=1735689600)
        self.commit = made.checksum

    @property
    def disks(self) -> Path:
        return self.root / ".arkes/disks"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, FILES)


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def test_two_stores_with_the_same_commit_make_the_same_bytes(tmp_path: Path) -> None:
    one = Project(tmp_path / "one", FILES)
    first = make_disk(one.options, SMALL, one.commit)
    time.sleep(1.1)
    other = Project(tmp_path / "other", FILES)
    second = make_disk(other.options, SMALL, other.commit)
    assert one.commit == other.commit
    assert first.layout == second.layout
    assert digest(first.path) == digest(second.path)


def test_the_disk_has_the_deployment_and_a_menu_that_boots_it(
    project: Project, tmp_path: Path
) -> None:
    request = replace(SMALL, update_url="https://example.org/os", kargs=("quiet",))
    disk = make_disk(project.options, request, project.commit)
    assert disk.path == project.disks / "tiny.raw"
    parts = {}
    for role in Role:
        one = disk.layout.of(role)
        parts[role] = tmp_path / role.value
        with disk.path.open("rb") as stream:
            stream.seek(one.start)
            parts[role].write_bytes(stream.read(one.size))
    root, esp = tmp_path / "back/root", tmp_path / "back/esp"
    for folder in (root, esp):
        folder.mkdir(parents=True)
    subprocess.run(
        ["debugfs", "-R", f"rdump / {root}", parts[Role.ROOT]], check=True, capture_output=True
    )
    subprocess.run(
        ["mcopy", "-s", "-i", parts[Role.ESP], "::*", esp], check=True, capture_output=True
    )
    (deployment,) = Sysroot.open(root, esp=esp).deployments()
    assert (deployment.checksum, deployment.stateroot) == (project.commit, "arkes")
    assert deployment.ref == "arkes:os/x86_64/tiny"
    assert set(disk.kargs) <= set(deployment.kargs)
    assert f"root=UUID={disk.layout.of(Role.ROOT).uuid}" in disk.kargs
    (entry,) = (esp / "loader/entries").iterdir()
    assert " quiet" in entry.read_text()
    assert (esp / "EFI/BOOT/BOOTX64.EFI").read_bytes() == FILES[
        "usr/lib/systemd/boot/efi/systemd-bootx64.efi"
    ]
    config = (root / "ostree/repo/config").read_text()
    assert "url=https://example.org/os\n" in config
    assert (
        root / f"ostree/deploy/arkes/deploy/{project.commit}.0/etc/machine-id"
    ).read_bytes() == b""
    subprocess.run(
        ["ostree", "fsck", f"--repo={root}/ostree/repo"], check=True, capture_output=True
    )


def test_the_same_disk_is_not_made_twice(project: Project) -> None:
    first = make_disk(project.options, SMALL, project.commit)
    state = first.path.stat()
    second = make_disk(project.options, SMALL, project.commit)
    assert replace(second, is_unchanged=False, seconds=first.seconds) == first
    assert second.is_unchanged
    assert first.path.stat() == state
    for other in (replace(SMALL, is_again=True), replace(SMALL, kargs=("quiet",))):
        assert not make_disk(project.options, other, project.commit).is_unchanged


def test_random_identifiers_are_of_one_disk_only(project: Project) -> None:
    request = replace(SMALL, is_random=True, is_again=True)
    first = make_disk(project.options, request, project.commit)
    second = make_disk(project.options, request, project.commit)
    assert first.layout.guid != second.layout.guid


def test_a_node_without_a_kernel_is_refused(tmp_path: Path) -> None:
    bare = Project(tmp_path, {"usr/bin/true": b"x"})
    with pytest.raises(NotBootable):
        make_disk(bare.options, SMALL, bare.commit)
    assert not bare.disks.exists()


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        pytest.param(
            Request(size=140 * MIB),
            "140 MiB is too small for tiny: it needs at least 147 MiB",
            id="the disk",
        ),
        pytest.param(
            Request(esp_size=64 * MIB),
            "64 MiB is too small for the EFI system partition: it needs at least 83 MiB",
            id="the ESP",
        ),
    ],
)
def test_what_the_commit_is_too_large_for_is_refused_before_anything_is_unpacked(
    tmp_path: Path, wish: Request, text: str
) -> None:
    is_esp = wish.size is None
    large = "usr/lib/modules/6.1/initramfs.img" if is_esp else "usr/bin/big"
    project = Project(tmp_path, FILES | {large: bytes((70 if is_esp else 40) * MIB)})
    heard: list[object] = []
    with pytest.raises(DiskTooSmall) as caught:
        make_disk(project.options, wish, project.commit, heard.append)
    assert (caught.value.brief, heard) == (text, [])
    assert not project.disks.exists()


@pytest.mark.parametrize("name", ["/dev/null", "nowhere/at/all/x.raw"])
def test_a_place_that_is_none_is_refused_before_anything_is_made(
    project: Project, tmp_path: Path, name: str
) -> None:
    with pytest.raises(NotAFile):
        make_disk(project.options, replace(SMALL, output=tmp_path / name), project.commit)
    assert Path("/dev/null").is_char_device()


def test_a_run_that_is_killed_leaves_the_old_disk_and_the_next_clears_up(project: Project) -> None:
    disk = make_disk(project.options, SMALL, project.commit)
    before = digest(disk.path)
    script = (
        "import os, signal, sys\n"
        "from arkes_build.disk import ext4\n"
        "from arkes_build.pipeline.disks import make_disk, Request\n"
        "from arkes_build.pipeline.options import Options\n"
        "from arkes_build.core.names import Arch, Family\n"
        "from arkes_build.disk.model import Form\n"
        "from pathlib import Path\n"
        f"ext4.make = lambda *_, **__: os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        "options = Options(project=Path(sys.argv[1]), family=Family.DEBIAN, arch=Arch.X86_64)\n"
        "make_disk(options, Request(form=Form.RAW, is_again=True), sys.argv[2])\n"
    )
    argv = [sys.executable, "-c", script, str(project.root), project.commit]
    assert subprocess.run(argv, check=False).returncode == -signal.SIGKILL
    assert [path.name[:12] for path in project.disks.glob(".arkes*")] == [".arkes-disk-"]
    assert digest(disk.path) == before
    make_disk(project.options, replace(SMALL, is_again=True), project.commit)
    assert sorted(path.name for path in project.disks.iterdir()) == ["records", "tiny.raw"]
    assert digest(disk.path) == before

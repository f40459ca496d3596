"""Make disks with the real tools, and read back what is on them, partition by partition."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from arkes_build.core import process
from arkes_build.core.errors import DiskFull, ExitCode
from arkes_build.disk import identity
from arkes_build.disk.assemble import Maker
from arkes_build.disk.layout import MIB
from arkes_build.disk.model import Form, Release, Role, RootFs, Tree, Wish
from arkes_build.disk.workplace import workplace
from arkes_build.host.firstboot import grow
from arkes_build.host.firstboot.grow import Room
from arkes_build.host.machine import Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.disk.model import Layout

pytestmark = pytest.mark.engine

TIME = 1793491204
RELEASE = Release(
    node="tiny", ref="t/x86_64/tiny", commit="c" * 64, version="1", timestamp=TIME, arch="x86_64"
)
WISH = Wish(
    release=RELEASE,
    root_fs=RootFs.EXT4,
    form=Form.RAW,
    size=512 * MIB,
    esp_size=64 * MIB,
    identity=identity.derived("c" * 64),
)
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")


def tree(folder: Path) -> Tree:
    """Lay out what a sysroot may hold: links of all kinds, attributes, holes, odd names."""
    root, esp = folder / "root", folder / "esp"
    deep = root / "ostree/deploy/arkes/deploy/x.0"
    for place in (deep / "usr/bin", root / "ostree/repo/objects/aa", root / "boot"):
        place.mkdir(parents=True)
    thing = root / "ostree/repo/objects/aa/bb.file"
    thing.write_bytes(b"#!/bin/sh\n" * 1000)
    thing.chmod(0o4755)
    os.setxattr(thing, "security.capability", CAPABILITY)
    (deep / "usr/bin/ping").hardlink_to(thing)
    (deep / "usr/bin/sh").symlink_to("../../a b/ümlaut")
    odd = deep / 'a "quoted" näme'
    odd.write_text("x")
    os.chown(odd, 1234, 65534)
    os.setxattr(deep, "user.note", b"of a folder")
    (deep / "secret").mkdir(mode=0o700)
    with (deep / "sparse").open("wb") as stream:
        stream.truncate(20 * MIB)
        stream.seek(10 * MIB)
        stream.write(b"middle")
    for name in ("EFI/BOOT/BOOTX64.EFI", "loader/entries/arkes-cccccccccccc-0+3.conf"):
        path = esp / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    (esp / "arkes/6.12.1-x").mkdir(parents=True)
    (esp / "arkes/6.12.1-x/linux").write_bytes(b"kernel" * 100_000)
    return Tree(root=root, esp=esp)


def make(wish: Wish, made: Tree, path: Path) -> Layout:
    with workplace(path.parent) as work:
        maker = Maker(wish=wish, work=work)
        layout = maker.lay_out(made)
        maker.make(made, layout, path)
    return layout


def extract(disk: Path, layout: Layout, role: Role) -> Path:
    part = disk.with_suffix(f".{role.value}")
    one = layout.of(role)
    with disk.open("rb") as reading, part.open("wb") as writing:
        reading.seek(one.start)
        writing.write(reading.read(one.size))
    return part


def run(*argv: str | Path, code: int = 0) -> str:
    env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "TZ": "UTC"}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == code, f"{argv}\n{done.stdout}{done.stderr}"
    return done.stdout


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Layout, Tree]:
    folder = tmp_path_factory.mktemp("disk")
    from_there = tree(folder / "tree")
    disk = folder / "disk.raw"
    return disk, make(WISH, from_there, disk), from_there


def test_the_partition_table_is_whole_and_says_what_was_laid_out(
    made: tuple[Path, Layout, Tree],
) -> None:
    disk, layout, _ = made
    assert "No errors detected" in run("sfdisk", "--verify", disk)
    table = json.loads(run("sfdisk", "--json", disk))["partitiontable"]
    assert (table["label"], table["id"].lower()) == ("gpt", layout.guid)
    found = [
        (
            one["start"] * 512,
            one["size"] * 512,
            one["type"].lower(),
            one["uuid"].lower(),
            one["name"],
        )
        for one in table["partitions"]
    ]
    assert found == [
        (one.start, one.size, one.kind, one.guid, one.role.value) for one in layout.partitions
    ]
    # The protective MBR: one partition of type EE from sector 1 on (UEFI 2.10, 5.2.3).
    with disk.open("rb") as stream:
        head = stream.read(512)
    assert (head[450], int.from_bytes(head[454:458], "little"), head[510:]) == (
        0xEE,
        1,
        b"\x55\xaa",
    )


def test_each_file_system_is_sound(made: tuple[Path, Layout, Tree]) -> None:
    disk, layout, _ = made
    run("fsck.vfat", "-n", extract(disk, layout, Role.ESP))
    run("e2fsck", "-fn", extract(disk, layout, Role.ROOT))


def test_the_esp_has_the_files_with_one_time(made: tuple[Path, Layout, Tree]) -> None:
    disk, layout, from_there = made
    esp = extract(disk, layout, Role.ESP)
    assert run("blkid", "-o", "value", "-s", "UUID", esp).strip() == layout.of(Role.ESP).uuid
    listed = run("mdir", "-b", "-/", "-i", esp, "::").splitlines()
    files = sorted(line.removeprefix("::/") for line in listed if not line.endswith("/"))
    assert files == sorted(
        str(path.relative_to(from_there.esp))
        for path in from_there.esp.rglob("*")
        if path.is_file()
    )
    got = subprocess.run(
        ["mtype", "-i", esp, "::/EFI/BOOT/BOOTX64.EFI"], capture_output=True, check=True
    )
    assert got.stdout == b"EFI/BOOT/BOOTX64.EFI"
    times = set(re.findall(r"(\d{4}-\d\d-\d\d +\d+:\d\d)", run("mdir", "-/", "-i", esp, "::")))
    assert times == {"2026-11-01   0:00"}


def test_the_root_has_every_file_as_it_was(made: tuple[Path, Layout, Tree], tmp_path: Path) -> None:
    disk, layout, from_there = made
    root = extract(disk, layout, Role.ROOT)
    assert run("blkid", "-o", "value", "-s", "UUID", root).strip() == layout.of(Role.ROOT).uuid
    run("debugfs", "-R", f"rdump / {tmp_path}", root)
    # debugfs takes content, owner and mode out, hard links and attributes we ask for by name.
    shutil.rmtree(tmp_path / "lost+found")
    assert described(tmp_path) == described(from_there.root)
    ping = "/ostree/deploy/arkes/deploy/x.0/usr/bin/ping"
    thing = "/ostree/repo/objects/aa/bb.file"
    stat = [run("debugfs", "-R", f"stat {path}", root) for path in (ping, thing)]
    assert stat[0] == stat[1]
    assert "Links: 2" in stat[0]
    assert "Mode:  04755" in stat[0]
    assert f"security.capability (20) = {CAPABILITY.hex(' ')}" in stat[0]
    assert 'user.note (11) = "of a folder"' in run(
        "debugfs", "-R", "stat /ostree/deploy/arkes/deploy/x.0", root
    )


def described(folder: Path) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for path in folder.rglob("*"):
        state = path.lstat()
        content = (
            path.readlink() if path.is_symlink() else digest(path) if path.is_file() else "folder"
        )
        # The tools give owners after modes, which takes setuid away: it is looked at apart.
        mode = 0 if path.is_symlink() else state.st_mode & ~0o6000
        found[str(path.relative_to(folder))] = (mode, state.st_uid, state.st_gid, content)
    return found


def test_the_same_tree_gives_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    make(WISH, tree(tmp_path / "one"), tmp_path / "one.raw")
    time.sleep(1.1)
    make(WISH, tree(tmp_path / "two"), tmp_path / "two.raw")
    assert digest(tmp_path / "one.raw") == digest(tmp_path / "two.raw")
    qcow = replace(WISH, form=Form.QCOW2)
    for name in ("one", "two"):
        make(
            qcow,
            Tree(root=tmp_path / name / "root", esp=tmp_path / name / "esp"),
            tmp_path / f"{name}.qcow2",
        )
    assert digest(tmp_path / "one.qcow2") == digest(tmp_path / "two.qcow2")
    run("qemu-img", "compare", tmp_path / "one.raw", tmp_path / "one.qcow2")
    assert (tmp_path / "one.raw").stat().st_blocks * 512 < 60 * MIB


def test_another_commit_gives_another_disk(made: tuple[Path, Layout, Tree], tmp_path: Path) -> None:
    disk, layout, from_there = made
    other = make(replace(WISH, identity=identity.derived("d" * 64)), from_there, tmp_path / "o.raw")
    assert digest(tmp_path / "o.raw") != digest(disk)
    assert {one.guid for one in other.partitions}.isdisjoint(one.guid for one in layout.partitions)


def test_btrfs_keeps_links_and_attributes(made: tuple[Path, Layout, Tree], tmp_path: Path) -> None:
    disk = tmp_path / "b.raw"
    # As in a real store, a file has a name more outside of what goes on the disk.
    (tmp_path / "outside").hardlink_to(made[2].root / "ostree/repo/objects/aa/bb.file")
    layout = make(replace(WISH, root_fs=RootFs.BTRFS), made[2], disk)
    root = extract(disk, layout, Role.ROOT)
    run("btrfs", "check", "--readonly", root)
    restored = tmp_path / "restored"
    restored.mkdir()
    run("btrfs", "restore", "-m", "-S", "-x", root, restored)
    assert described(restored) == described(made[2].root)
    ping = restored / "ostree/deploy/arkes/deploy/x.0/usr/bin/ping"
    assert os.getxattr(ping, "security.capability") == CAPABILITY
    items = run("btrfs", "inspect-internal", "dump-tree", "-t", "5", root)
    assert "mode 104755 links 2 " in items
    assert run("blkid", "-o", "value", "-s", "UUID", root).strip() == layout.of(Role.ROOT).uuid


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=8m", "arkes-test", str(place)]
    subprocess.run(argv, check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_nothing_and_the_old_file_as_it_was(
    made: tuple[Path, Layout, Tree], small_disk: Path
) -> None:
    disk = small_disk / "disk.raw"
    disk.write_text("the old one")
    with (made[2].root / "boot/large").open("wb") as stream:
        stream.write(os.urandom(9 * MIB))
    try:
        with pytest.raises(DiskFull) as caught:
            make(WISH, made[2], disk)
    finally:
        (made[2].root / "boot/large").unlink()
    assert caught.value.exit_code is ExitCode.DISK_FULL
    assert [path.name for path in small_disk.iterdir()] == ["disk.raw"]
    assert disk.read_text() == "the old one"


def test_the_table_grows_with_its_disk_and_keeps_all_names(
    made: tuple[Path, Layout, Tree], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "grown.raw"
    shutil.copy(made[0], disk)
    os.truncate(disk, 700 * MIB)
    root = made[1].of(Role.ROOT)
    free = (700 * MIB - root.start - root.size) // 512
    monkeypatch.setattr(
        grow, "find", lambda _host: Room(disk=str(disk), device="/dev/x2", number=2, free=free)
    )

    def only_sfdisk(argv: list[str], *, stdin: bytes = b"", timeout: float) -> None:
        if argv[0] == "sfdisk":
            process.run(argv, stdin=stdin, timeout=timeout)

    for _ in range(2):  # a power cut behind the first: done once more, it is as it was
        grow.grow(Host(root=tmp_path), run=only_sfdisk)
    assert "No errors detected" in run("sfdisk", "--verify", disk)
    table = json.loads(run("sfdisk", "--json", disk))["partitiontable"]
    found = [(one["start"] * 512, one["uuid"].lower(), one["name"]) for one in table["partitions"]]
    assert found == [(one.start, one.guid, one.role.value) for one in made[1].partitions]
    end = (table["partitions"][1]["start"] + table["partitions"][1]["size"]) * 512
    assert 699 * MIB - 1 <= end < 700 * MIB
    part = extract(disk, replace_size(made[1], end - root.start), Role.ROOT)
    run("resize2fs", part)
    run("e2fsck", "-fn", part)


def replace_size(layout: Layout, size: int) -> Layout:
    esp, root = layout.partitions
    return replace(layout, partitions=(esp, replace(root, size=size)))


def test_what_a_killed_run_left_goes_with_the_next_even_when_immutable(tmp_path: Path) -> None:
    left = tmp_path / ".arkes-disk-killed"
    (left / "root/deploy").mkdir(parents=True)
    run("chattr", "+i", left / "root/deploy")
    with workplace(tmp_path) as held, workplace(tmp_path) as other:
        assert not left.exists()
        assert held.is_dir()
        assert other.is_dir()
    assert list(tmp_path.iterdir()) == []

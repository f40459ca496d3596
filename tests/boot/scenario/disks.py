"""Tell of disks with another root file system than ext4: made, grown, updated, still sound."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from arkes_build.core.names import Family
from arkes_build.disk.model import Form, Role, RootFs
from arkes_build.disk.sparse import copy_part
from arkes_build.pipeline.disks import Request, make_disk
from arkes_build.pipeline.options import Options
from scenario.lab import ARCH, KARGS
from scenario.world import Failed

GIB = 1 << 30
_SIZE, _LARGER = 7 * GIB, 9 * GIB
_CHECKS = {RootFs.XFS: ("xfs_repair", "-n"), RootFs.BTRFS: ("btrfs", "check", "--readonly")}


def disk_of(root_fs):
    """Return the story of a disk with this root file system."""

    def story(world, row):
        with place(world, f"disk-{root_fs.value}") as folder:
            made = _make(world, row, root_fs, folder / "disk.raw")
            _look(row, made.path, made.layout, root_fs, folder, "as made")
            layer = larger(made.path, "raw", folder / "disk.qcow2", _LARGER)
            _live(world, row, layer, root_fs)
            after = folder / "after.raw"
            run("qemu-img", "convert", "-O", "raw", layer, after)
            _look(row, after, made.layout, root_fs, folder, "after its life")

    story.__doc__ = f"A disk with {root_fs.value}: it is sound, boots, grows and is updated."
    return story


@contextmanager
def place(world, name):
    """Give a folder for one scenario's own disks, and take it away again."""
    folder = world.machines / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def larger(below, form, layer, size):
    """Make a layer above a disk, which shows the guest a larger one; return it."""
    run("qemu-img", "create", "-q", "-f", "qcow2", "-b", below, "-F", form, layer, size)
    return layer


def run(*argv, code=0):
    """Run one of the host's programs; return what it printed."""
    env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    words = [str(word) for word in argv]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    if done.returncode != code:
        said = (done.stdout + done.stderr).strip()[-600:]
        raise Failed(f"`{' '.join(words)[:200]}` ended with {done.returncode}: {said}")
    return done.stdout + done.stderr


def _make(world, row, root_fs, path):
    lab = world.lab
    request = Request(
        output=path,
        form=Form.RAW,
        root_fs=root_fs,
        size=_SIZE,
        update_url=f"{lab.url}/base",
        kargs=KARGS,
        is_again=True,
    )
    options = Options(project=lab.root, family=Family.DEBIAN, arch=ARCH)
    made = make_disk(options, request, lab.releases["base"])
    row.seen.append(
        f"made in {made.seconds:.0f} s, {made.stored / GIB:.1f} of {_SIZE / GIB:.0f} GiB"
    )
    return made


def _look(row, disk, layout, root_fs, folder, when):
    """Check the root file system of a machine that is off, and all that OSTree has in it."""
    part = folder / "part"
    begin = layout.of(Role.ROOT).start
    part.touch()
    size = disk.stat().st_size - begin
    copy_part(disk, part, begin=begin, size=size)
    os.truncate(part, size)
    run(*_CHECKS[root_fs], part)
    if run("blkid", "-o", "value", "-s", "UUID", part).strip() != layout.of(Role.ROOT).uuid:
        raise Failed(f"{when}: the file system has another identifier")
    with _mounted(part) as root:
        # Owner, mode, attributes and content of every file are in the object's checksum.
        run("ostree", "fsck", "-q", f"--repo={root}/ostree/repo")
        tree = next((root / "ostree/deploy/arkes/deploy").glob("*.0"))
        if (tree / "usr/bin/true").stat().st_nlink == 1:
            raise Failed(f"{when}: files of the tree are no links to the repository's")
    part.unlink()
    row.seen.append(f"{when}: file system and repository sound")


@contextmanager
def _mounted(part):
    with tempfile.TemporaryDirectory(prefix="arkes-look-") as folder:
        run("mount", "-o", "ro,loop", part, folder)
        try:
            yield Path(folder)
        finally:
            run("umount", folder)


def _live(world, row, disk, root_fs):
    with world.own(disk) as guest:
        verdict = guest.good_boot("base")
        row.seen.append(f"verdict after {verdict.uptime:.0f} s of the guest's time")
        found = guest.run("findmnt -nvro FSTYPE --first-only --mountpoint /sysroot").strip()
        guest.must(found == root_fs.value, f"the root is {found}")
        said = guest.run("journalctl -b -o cat -u arkes-first-boot")
        room = int(guest.run("df -B1 --output=size /var | tail -n1"))
        guest.must(room > _LARGER - 2 * GIB, f"it did not grow, {room} bytes: {said}")
        row.seen.append(f"grew to {room / GIB:.1f} GiB")
        guest.must("base" in guest.run("os status"), "os status is silent")
        guest.follow("good")
        row.seen.append(f"upgraded in {guest.timed('os upgrade'):.0f} s")
        guest.run("os pin booted")
        guest.reboot()
        guest.good_boot("good")
        guest.must(guest.run("cat /usr/share/arkes-scenario") == "good\n", "not the new /usr")
        guest.run("os revert")
        row.seen.append("booted the new release, reverted")
        guest.machine.powerdown(timeout=300)

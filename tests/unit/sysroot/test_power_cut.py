"""Cut the power after every single file operation of a sync, and look what would boot.

The child of a fork ends without any cleanup. What it had written and not brought to the disk is
lost as far as can be: such files are cut to half. The machine must then have a complete first
choice, and the next sync must make of it exactly what an undisturbed one makes.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from arkes_build.sysroot.esp import sync
from arkes_build.sysroot.menu import bless

CUT = 9
DONE = 0


def first_choice(esp):
    """Return the entry that systemd-boot takes: one with tries left, the highest version."""
    found = []
    for path in (esp / "loader/entries").glob("*.conf"):
        text = path.read_text()
        linux = re.search(r"^linux /(.+)$", text, re.MULTILINE)
        if linux is None:
            continue
        left = re.search(r"\+(\d+)", path.name)
        rank = int(re.search(r"^version (\d+)$", text, re.MULTILINE)[1])
        found.append((left is None or left[1] != "0", rank, text))
    return max(found)[2]


def must_boot(machine):
    text = first_choice(machine.esp)
    for word in ("linux", "initrd"):
        path = machine.esp / re.search(rf"^{word} /(.+)$", text, re.MULTILINE)[1]
        whole = {
            each.stat().st_size
            for each in machine.path.glob("ostree/deploy/os/deploy/*/usr/lib/modules/*/*")
        }
        assert path.stat().st_size in whole
    link = re.search(r"ostree=/(\S+)", text)[1]
    assert (machine.path / link / "usr/lib/modules").is_dir()


class Cut:
    """Count what is done to files, and end the process before the operation of a number."""

    def __init__(self, number):
        self.left = number
        self.unsynced = set()

    def hook(self, event, arguments):
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT:
            self.step()
            self.unsynced.add(str(arguments[0]))
        elif event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink"):
            self.step()
            if event == "os.rename" and str(arguments[0]) in self.unsynced:
                self.unsynced.add(str(arguments[1]))

    def fsync(self, descriptor):
        self.step()
        self.unsynced.discard(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    def step(self):
        self.left -= 1
        if self.left < 0:
            for path in self.unsynced:
                torn = Path(path)
                if torn.is_file():
                    os.truncate(torn, torn.stat().st_size // 2)
            os._exit(CUT)


def cut_after(number, action):
    """Do it in a process that ends after so many operations; tell whether it was cut."""
    child = os.fork()
    if not child:
        cut = Cut(number)
        os.fsync = cut.fsync
        sys.addaudithook(cut.hook)
        try:
            action()
        finally:
            os._exit(DONE)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == CUT


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def upgrade(machine):
    machine.list = [machine.deployed("a", is_booted=True)]
    sync(machine, machine.esp)
    bless(machine.esp, "a" * 64, 0)
    machine.list.insert(0, machine.deployed("b", kernel="new"))


def removal(machine):
    machine.list = [machine.deployed("b", kernel="new"), machine.deployed("a", kernel="old")]
    sync(machine, machine.esp)
    machine.list = machine.list[:1]


def replacement(machine):
    machine.list = [machine.deployed("b", kernel="new"), machine.deployed("a", kernel="old")]
    sync(machine, machine.esp)
    machine.list = [machine.deployed("c", kernel="newest"), machine.list[1]]


def another_default(machine):
    machine.list = [machine.deployed("b", kernel="new"), machine.deployed("a", kernel="old")]
    sync(machine, machine.esp)
    machine.list.reverse()


def other_arguments(machine):
    machine.list = [machine.deployed("b"), machine.deployed("a")]
    sync(machine, machine.esp)
    machine.list = [machine.deployed("b", kargs=("ro",)), machine.deployed("a", kargs=("ro",))]


@pytest.mark.parametrize(
    "change", [upgrade, removal, replacement, another_default, other_arguments]
)
def test_a_cut_sync_leaves_a_machine_that_boots_and_is_finished_by_the_next(
    tmp_path, machine, change
):
    change(machine)
    before = tmp_path / "before"
    shutil.copytree(machine.esp, before / "esp")
    shutil.copytree(machine.path, before / "root", symlinks=True)
    sync(machine, machine.esp)
    after = content(machine.esp)
    number = 0
    while True:
        for name, folder in (("esp", machine.esp), ("root", machine.path)):
            shutil.rmtree(folder)
            shutil.copytree(before / name, folder, symlinks=True)
        was_cut = cut_after(number, lambda: sync(machine, machine.esp))
        must_boot(machine)
        sync(machine, machine.esp)
        assert content(machine.esp) == after, f"after {number} operations"
        if not was_cut:
            break
        number += 1
    assert number > 2


def test_a_cut_blessing_leaves_a_machine_that_boots(tmp_path, machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    number = 0
    while cut_after(number, lambda: bless(machine.esp, "a" * 64, 0)):
        must_boot(machine)
        sync(machine, machine.esp)
        must_boot(machine)
        number += 1
    assert [path.name for path in (machine.esp / "loader/entries").iterdir()] == [
        f"arkes-{'a' * 12}-0.conf"
    ]
    assert number > 2

import re
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.core.errors import DiskFull
from arkes_build.sysroot import kernels
from arkes_build.sysroot.errors import EspFull, NothingBootable
from arkes_build.sysroot.esp import Refused, Synced, sync
from arkes_build.sysroot.menu import bless, counters
from arkes_build.sysroot.model import Counter

A, B, C = ("a" * 12, "b" * 12, "c" * 12)


def entries(machine):
    """Return our entries as systemd-boot orders them, the first to boot first."""
    found = []
    for path in (machine.esp / "loader/entries").glob("*.conf"):
        rank = int(re.search(r"^version (\d+)$", path.read_text(), re.MULTILINE)[1])
        left = re.search(r"\+(\d+)", path.name)
        found.append((left is not None and left[1] == "0", -rank, path.name))
    return [name for _, _, name in sorted(found)]


def test_the_first_sync_writes_everything(machine):
    machine.list = [machine.deployed("a")]
    done = sync(machine, machine.esp)
    folder = next((machine.esp / "arkes").iterdir()).name
    assert done == Synced(
        written=(
            "EFI/systemd/systemd-bootx64.efi",
            "EFI/BOOT/BOOTX64.EFI",
            "loader/loader.conf",
            "loader/entries.srel",
            "startup.nsh",
            f"arkes/{folder}",
            f"loader/entries/arkes-{A}-0+3.conf",
        ),
        removed=(),
        refused=(),
    )
    assert (machine.esp / f"loader/entries/arkes-{A}-0+3.conf").read_text().splitlines()[1:] == [
        f"title Example a ({'a' * 7}.0)",
        "sort-key arkes",
        "version 1",
        f"linux /arkes/{folder}/linux",
        f"initrd /arkes/{folder}/initrd",
        f"options ostree=/ostree/boot-0/os/{'a' * 64}/0 rw quiet",
    ]
    link = machine.path / f"ostree/boot-0/os/{'a' * 64}/0"
    assert link.resolve() == machine.list[0].path


def test_a_second_sync_does_nothing(machine):
    machine.list = [machine.deployed("b", kernel="two"), machine.deployed("a")]
    sync(machine, machine.esp)
    assert sync(machine, machine.esp) == Synced(written=(), removed=(), refused=())


def test_a_new_deployment_comes_first_by_one_new_entry(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    machine.list.insert(0, machine.deployed("b"))
    done = sync(machine, machine.esp)
    assert done.written == (f"loader/entries/arkes-{B}-0+3.conf",)
    assert entries(machine) == [f"arkes-{B}-0+3.conf", f"arkes-{A}-0+3.conf"]


def test_deployments_with_the_same_kernel_share_it(machine):
    machine.list = [machine.deployed("b"), machine.deployed("a")]
    sync(machine, machine.esp)
    assert len(kernels.on_esp(machine.esp)) == 1
    machine.list = machine.list[:1]
    sync(machine, machine.esp)
    assert len(kernels.on_esp(machine.esp)) == 1


def test_another_default_is_one_entry_written_anew(machine):
    machine.list = [machine.deployed("b"), machine.deployed("a")]
    sync(machine, machine.esp)
    machine.list.reverse()
    assert sync(machine, machine.esp).written == (f"loader/entries/arkes-{A}-0+3.conf",)
    assert entries(machine) == [f"arkes-{A}-0+3.conf", f"arkes-{B}-0+3.conf"]


def test_counters_and_blessings_stay(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    assert bless(machine.esp, "a" * 64, 0)
    machine.list.insert(0, machine.deployed("b"))
    sync(machine, machine.esp)
    folder = machine.esp / "loader/entries"
    (folder / f"arkes-{B}-0+3.conf").rename(folder / f"arkes-{B}-0+1-2.conf")
    sync(machine, machine.esp)
    assert counters(machine.esp) == {(A, 0): None, (B, 0): Counter(left=1, done=2)}


def test_one_that_is_wanted_again_gets_its_tries_again(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    folder = machine.esp / "loader/entries"
    (folder / f"arkes-{A}-0+3.conf").rename(folder / f"arkes-{A}-0+0-3.conf")
    sync(machine, machine.esp, anew=[("a" * 64, 0)])
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]


def test_what_is_gone_leaves_the_menu_its_kernel_and_its_link(machine):
    old = machine.deployed("a", kernel="old")
    machine.list = [machine.deployed("b"), old]
    sync(machine, machine.esp)
    machine.list.remove(old)
    gone = [folder for folder in kernels.on_esp(machine.esp) if "6.old" in folder]
    done = sync(machine, machine.esp)
    assert done.removed == (f"loader/entries/arkes-{A}-0+3.conf", *gone)
    assert not (machine.path / f"ostree/boot-0/os/{'a' * 64}").exists()


def test_files_of_others_stay(machine):
    machine.list = [machine.deployed("a")]
    for name in ("loader/entries/windows.conf", "EFI/Microsoft/boot.efi", "arkes/notes.txt"):
        (machine.esp / name).parent.mkdir(parents=True, exist_ok=True)
        (machine.esp / name).write_text("mine")
    (machine.esp / "loader/loader.conf").write_text("timeout 30\n")
    sync(machine, machine.esp)
    for name in ("loader/entries/windows.conf", "EFI/Microsoft/boot.efi", "arkes/notes.txt"):
        assert (machine.esp / name).read_text() == "mine"
    assert (machine.esp / "loader/loader.conf").read_text() == "timeout 30\n"


def test_a_staged_deployment_has_its_kernel_there_and_no_entry(machine):
    machine.list = [
        machine.deployed("b", kernel="new", is_staged=True),
        machine.deployed("a", is_booted=True),
    ]
    done = sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]
    assert any("6.new" in path for path in done.written)
    machine.list[0] = replace(machine.list[0], is_staged=False)
    assert sync(machine, machine.esp).written == (f"loader/entries/arkes-{B}-0+3.conf",)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        pytest.param(
            lambda modules: (modules / "vmlinuz").unlink(),
            "no kernel is in /usr/lib/modules",
            id="no kernel",
        ),
        pytest.param(
            lambda modules: (modules / "vmlinuz").write_bytes(b""),
            "/usr/lib/modules/6.bad/vmlinuz is missing or empty",
            id="an empty kernel",
        ),
        pytest.param(
            lambda modules: (modules / "vmlinuz").write_bytes(b"\x7fELF" * 99),
            "its kernel /usr/lib/modules/6.bad/vmlinuz is no EFI program",
            id="no program of the firmware's kind",
        ),
        pytest.param(
            lambda modules: (modules / "initramfs.img").unlink(),
            "/usr/lib/modules/6.bad/initramfs.img is missing or empty",
            id="no initramfs",
        ),
        pytest.param(
            lambda modules: (modules / "initramfs.img").write_text("initramfs bat"),
            "its kernel or initramfs is damaged",
            id="an initramfs with another content",
        ),
    ],
)
def test_what_cannot_boot_is_not_offered_and_named(machine, damage, why):
    machine.list = [machine.deployed("b", kernel="bad"), machine.deployed("a")]
    damage(machine.list[0].path / "usr/lib/modules/6.bad")
    done = sync(machine, machine.esp)
    assert done.refused == (Refused(checksum="b" * 64, serial=0, why=why),)
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]
    assert len(kernels.on_esp(machine.esp)) == 1


def test_nothing_that_boots_leaves_the_menu_alone(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    (machine.list[0].path / "usr/lib/modules/6.one/vmlinuz").unlink()
    with pytest.raises(NothingBootable):
        sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]
    assert len(kernels.on_esp(machine.esp)) == 1


def test_the_entry_of_the_running_system_stays_whatever_became_of_its_tree(machine):
    machine.list = [machine.deployed("b"), machine.deployed("a", kernel="old", is_booted=True)]
    sync(machine, machine.esp)
    (machine.list[1].path / "usr/lib/modules/6.old/vmlinuz").unlink()
    done = sync(machine, machine.esp)
    assert [each.checksum for each in done.refused] == ["a" * 64]
    assert entries(machine) == [f"arkes-{B}-0+3.conf", f"arkes-{A}-0+3.conf"]
    assert len(kernels.on_esp(machine.esp)) == 2


def test_a_full_esp_keeps_what_is_there_and_says_what_is_needed(machine, monkeypatch):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    machine.list.insert(0, machine.deployed("b", kernel="big"))

    def full(source, place, *, note):
        raise DiskFull(str(place), doing="writing")

    monkeypatch.setattr(kernels, "copy_atomically", full)
    with pytest.raises(EspFull) as raised:
        sync(machine, machine.esp)
    assert "are needed and" in raised.value.details
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]
    assert len(kernels.on_esp(machine.esp)) == 1


def test_a_full_esp_lets_go_what_no_deployment_has(machine, monkeypatch):
    machine.list = [machine.deployed("b"), machine.deployed("a", kernel="old")]
    sync(machine, machine.esp)
    machine.list = [machine.deployed("c", kernel="new"), machine.list[0]]
    real = kernels.copy_atomically

    def full(source, place, *, note):
        if any("6.old" in folder for folder in kernels.on_esp(machine.esp)):
            raise DiskFull(str(place), doing="writing")
        real(source, place, note=note)

    monkeypatch.setattr(kernels, "copy_atomically", full)
    sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{C}-0+3.conf", f"arkes-{B}-0+3.conf"]


def test_a_full_esp_never_lets_go_what_runs(machine, monkeypatch):
    machine.list = [machine.deployed("a", kernel="old", is_booted=True)]
    sync(machine, machine.esp)
    (machine.list[0].path / "usr/lib/modules/6.old/vmlinuz").unlink()
    machine.list.insert(0, machine.deployed("b", kernel="big"))

    def full(source, place, *, note):
        raise DiskFull(str(place), doing="writing")

    monkeypatch.setattr(kernels, "copy_atomically", full)
    with pytest.raises(EspFull):
        sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]
    assert len(kernels.on_esp(machine.esp)) == 1


def test_a_menu_is_not_emptied_when_no_kernel_can_be_brought(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    (folder,) = kernels.on_esp(machine.esp)
    (machine.esp / folder / "initrd").write_text("torn")
    (machine.list[0].path / "usr/lib/modules/6.one/initramfs.img").write_text("initramfs bat")
    with pytest.raises(NothingBootable):
        sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{A}-0+3.conf"]


def test_a_newer_boot_loader_that_does_not_fit_holds_nothing_up(machine, monkeypatch):
    machine.list = [machine.deployed("a", is_blessed=True, is_booted=True)]
    sync(machine, machine.esp)
    program = machine.list[0].path / "usr/lib/systemd/boot/efi/systemd-bootx64.efi"
    program.write_bytes(b"MZ#### LoaderInfo: systemd-boot 999 ####")
    machine.list.insert(0, machine.deployed("b"))

    def full(path, data):
        raise DiskFull(str(path), doing="writing")

    monkeypatch.setattr("arkes_build.sysroot.loader.write_atomically", full)
    sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{B}-0+3.conf", f"arkes-{A}-0+3.conf"]
    assert b" 257 " in (machine.esp / "EFI/BOOT/BOOTX64.EFI").read_bytes()


def test_a_kernel_goes_with_whatever_else_lies_in_its_folder(machine):
    old = machine.deployed("a", kernel="old")
    machine.list = [machine.deployed("b"), old]
    sync(machine, machine.esp)
    machine.list.remove(old)
    (folder,) = (folder for folder in kernels.on_esp(machine.esp) if "6.old" in folder)
    (machine.esp / folder / "._linux").write_text("left by somebody's file manager")
    (machine.esp / folder / "FSCK0000").mkdir()
    assert folder in sync(machine, machine.esp).removed


def test_what_a_cut_left_half_written_goes(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    folder = machine.esp / kernels.on_esp(machine.esp)[0]
    torn = [machine.esp / f"loader/entries/.arkes-{A}-0.conf.7.new", folder / ".linux.7.new"]
    for path in torn:
        path.write_text("torn")
    sync(machine, machine.esp)
    assert not any(path.exists() for path in torn)


@pytest.mark.parametrize(
    ("held", "delivered", "stays"),
    [
        pytest.param("256.1-2", "257.9-1", "257.9-1", id="a newer one is taken"),
        pytest.param("257.10", "257.9", "257.10", id="an older one is not"),
    ],
)
def test_the_boot_loader_only_grows_newer(machine, held, delivered, stays):
    machine.list = [machine.deployed("a")]
    program = machine.list[0].path / "usr/lib/systemd/boot/efi/systemd-bootx64.efi"
    for version in (held, delivered):
        program.write_bytes(b"MZ#### LoaderInfo: systemd-boot %s ####" % version.encode())
        sync(machine, machine.esp)
    assert stays.encode() in (machine.esp / "EFI/BOOT/BOOTX64.EFI").read_bytes()


def test_the_boot_loader_comes_from_a_system_that_came_up(machine):
    machine.list = [machine.deployed("a", is_blessed=True, is_booted=True)]
    sync(machine, machine.esp)
    machine.list.insert(0, machine.deployed("b"))
    program = machine.list[0].path / "usr/lib/systemd/boot/efi/systemd-bootx64.efi"
    program.write_bytes(b"MZ#### LoaderInfo: systemd-boot 999 ####")
    sync(machine, machine.esp)
    assert b" 257 " in (machine.esp / "EFI/BOOT/BOOTX64.EFI").read_bytes()


def test_a_blessing_that_was_cut_is_finished(machine):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)
    folder = machine.esp / "loader/entries"
    counted = folder / f"arkes-{A}-0+2-1.conf"
    (folder / f"arkes-{A}-0+3.conf").rename(counted)
    (folder / f"arkes-{A}-0.conf").write_bytes(counted.read_bytes())
    sync(machine, machine.esp)
    assert entries(machine) == [f"arkes-{A}-0.conf"]


def test_an_entry_that_goes_while_it_is_looked_at_is_none(machine, monkeypatch):
    machine.list = [machine.deployed("a")]
    sync(machine, machine.esp)

    real = Path.is_file

    def gone(path):
        was_there = real(path)
        path.unlink()
        return was_there

    monkeypatch.setattr(Path, "is_file", gone)
    assert counters(machine.esp) == {}

"""Deploy, choose and undeploy with the real libostree, in plain folders."""

import hashlib
import os
import shutil
import subprocess

import pytest

from arkes_build.core.errors import DiskFull
from arkes_build.store.binding import binding
from arkes_build.sysroot import kernels
from arkes_build.sysroot import sysroot as module
from arkes_build.sysroot.create import create
from arkes_build.sysroot.errors import (
    CannotUndeploy,
    EspFull,
    EspUnusable,
    KernelMissing,
    NoSuchDeployment,
    NotDeployed,
    NothingBooted,
)
from arkes_build.sysroot.links import link_name
from arkes_build.sysroot.model import Origin
from arkes_build.sysroot.sysroot import Sysroot

pytestmark = pytest.mark.engine

REF = "arkes/x86_64/base"
ORIGIN = Origin(refspec=f"arkes:{REF}")


def efi_program(text):
    return b"MZ".ljust(0x3C, b"\0") + (0x40).to_bytes(4, "little") + b"PE\0\0" + text.encode()


def write_tree(folder, number, *, kernel="6.1", kargs=()):
    """Write the tree of a small system: what libostree and a boot menu want of one."""
    files = {
        f"usr/lib/modules/{kernel}/vmlinuz": efi_program(f"kernel {kernel}"),
        f"usr/lib/modules/{kernel}/initramfs.img": f"initramfs {kernel}".encode(),
        "usr/lib/os-release": f'ID=example\nPRETTY_NAME="Example {number}"\n'.encode(),
        "usr/lib/systemd/boot/efi/systemd-bootx64.efi": b"#### LoaderInfo: systemd-boot 257 ####",
        "usr/etc/motd": f"release {number}\n".encode(),
        "usr/share/number": f"{number}\n".encode(),
    }
    if kargs:
        words = ", ".join(f'"{word}"' for word in kargs)
        files["usr/lib/bootc/kargs.d/80-arkes.toml"] = f"kargs = [{words}]\n".encode()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for name in ("boot", "var", "sysroot", "efi", "proc", "sys", "dev", "run", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    return folder


class Releases:
    """A repository that releases are committed to."""

    def __init__(self, folder):
        self.folder = folder
        self.repo = folder / "repo"
        self._ostree("init", "--mode=bare")

    def _ostree(self, *words):
        argv = ["ostree", f"--repo={self.repo}", *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def release(self, number, **fields):
        tree = write_tree(self.folder / f"tree{number}", number, **fields)
        metadata = f"--add-metadata-string=version=1.{number}"
        node = "--add-metadata-string=arkes.node=base"
        stamp = f"--timestamp=2026-01-0{number} 00:00:00 +0000"
        return self._ostree(
            "commit", f"--branch={REF}", f"--tree=dir={tree}", metadata, node, stamp
        )

    def create(self, commit, name="machine", **fields):
        known = {"ref": REF, "stateroot": "arkes", "kargs": ["root=PARTLABEL=root"]}
        known |= {"remote_url": "https://example.org/repo"} | fields
        made = create(self.folder / name, repo=self.repo, commit=commit, **known)
        return Sysroot.open(made.root, esp=made.esp)

    def bring(self, sysroot, commit):
        """Pull a commit into a machine's repository."""
        target = f"--repo={sysroot.repo_path}"
        argv = ["ostree", target, "pull-local", "--remote=arkes", str(self.repo), commit]
        subprocess.run(argv, check=True, capture_output=True)
        return commit


@pytest.fixture
def releases(tmp_path, monkeypatch):
    # What is made here is removed again: libostree must not make it immutable.
    monkeypatch.setenv("OSTREE_SYSROOT_DEBUG", "mutable-deployments")
    return Releases(tmp_path)


def versions(sysroot):
    return [each.version for each in sysroot.deployments()]


def trees(sysroot):
    """Return the deployments' trees on the disk, whether anybody lists them or not."""
    return sorted(path for path in sysroot.path.glob("ostree/deploy/*/deploy/*") if path.is_dir())


def menu(sysroot):
    """Return the menu's first lines as systemd-boot orders them: title, version."""
    found = []
    for path in (sysroot.esp / "loader/entries").glob("*.conf"):
        fields = dict(line.split(" ", 1) for line in path.read_text().splitlines())
        found.append((-int(fields["version"]), fields["title"].split(" (")[0], fields["options"]))
    return [(title, options) for _, title, options in sorted(found)]


def titles(sysroot):
    return [title for title, _ in menu(sysroot)]


def test_what_is_created_is_what_a_machine_has(releases):
    commit = releases.release(1, kargs=("quiet",))
    sysroot = releases.create(commit)
    (made,) = sysroot.deployments()
    kargs = ("rw", "panic=10", "rd.shell=0", "rd.emergency=reboot", "systemd.gpt_auto=no")
    assert made.kargs == (*kargs, "root=PARTLABEL=root", "quiet")
    assert (made.checksum, made.serial, made.version, made.node) == (commit, 0, "1.1", "base")
    assert (made.ref, made.tries, made.is_blessed) == (f"arkes:{REF}", 3, False)
    assert (made.path / "etc/motd").read_text() == "release 1\n"
    assert titles(sysroot) == ["Example 1"]
    config = (sysroot.repo_path / "config").read_text()
    for line in ("mode=bare", "bootloader=none", "readonly=true", "gpg-verify=true"):
        assert f"{line}\n" in config
    ref = (sysroot.repo_path / f"refs/remotes/arkes/{REF}").read_text()
    assert ref.strip() == commit


def test_objects_and_deployment_are_the_same_files(releases):
    sysroot = releases.create(releases.release(1))
    (made,) = sysroot.deployments()
    assert (made.path / "usr/share/number").stat().st_nlink >= 2


def test_the_lasting_link_is_one_that_libostree_takes_for_its_own(releases):
    """Write libostree's own entry with our link in it: it must find the same deployment."""
    sysroot = releases.create(releases.release(1))
    (made,) = sysroot.deployments()
    (entry,) = (sysroot.path / "boot/loader/entries").iterdir()
    lines = entry.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("options "))
    lines[at] = f"options rw ostree=/{link_name(made)}"
    entry.write_text("\n".join([*lines, ""]))
    (found,) = Sysroot.open(sysroot.path, esp=sysroot.esp).deployments()
    assert (found.checksum, found.serial, found.path) == (made.checksum, made.serial, made.path)


def test_a_later_deployment_and_every_cleanup_leave_the_links(releases):
    sysroot = releases.create(releases.release(1))
    (old,) = sysroot.deployments()
    new = sysroot.deploy(releases.bring(sysroot, releases.release(2)), origin=ORIGIN)
    for each in (old, new):
        assert (sysroot.path / link_name(each)).resolve() == each.path
    for _ in range(3):
        sysroot.clean()
        subprocess.run(
            ["ostree", "admin", "cleanup", f"--sysroot={sysroot.path}"],
            check=True,
            capture_output=True,
        )
    for each in (old, new):
        assert (sysroot.path / link_name(each)).resolve() == each.path
    assert titles(sysroot) == ["Example 2", "Example 1"]


def test_an_update_keeps_local_settings_and_follows_the_images_arguments(releases):
    sysroot = releases.create(releases.release(1, kargs=("one", "both")))
    (old,) = sysroot.deployments()
    (old.path / "etc/motd").write_text("mine\n")
    new = sysroot.deploy(
        releases.bring(sysroot, releases.release(2, kargs=("both", "two"))), origin=ORIGIN
    )
    assert (new.path / "etc/motd").read_text() == "mine\n"
    assert new.kargs[-3:] == ("root=PARTLABEL=root", "both", "two")
    assert (new.index, new.tries, versions(sysroot)) == (0, 3, ["1.2", "1.1"])


def test_another_default_and_back(releases):
    sysroot = releases.create(releases.release(1))
    sysroot.deploy(releases.bring(sysroot, releases.release(2, kernel="6.2")), origin=ORIGIN)
    new, old = sysroot.deployments()
    assert (new.is_rollback, old.is_rollback) == (False, True)
    sysroot.set_default(old)
    assert (versions(sysroot), titles(sysroot)) == (["1.1", "1.2"], ["Example 1", "Example 2"])
    sysroot.set_default(new)
    assert (versions(sysroot), titles(sysroot)) == (["1.2", "1.1"], ["Example 2", "Example 1"])


def test_a_default_without_tries_gets_them_again(releases):
    sysroot = releases.create(releases.release(1))
    sysroot.deploy(releases.bring(sysroot, releases.release(2)), origin=ORIGIN)
    new, old = sysroot.deployments()
    entries = sysroot.esp / "loader/entries"
    sysroot.set_default(old)
    name = f"arkes-{new.checksum[:12]}-0"
    (entries / f"{name}+3.conf").rename(entries / f"{name}+0-3.conf")
    fallen = next(each for each in sysroot.deployments() if each.checksum == new.checksum)
    assert (fallen.tries, fallen.tries_done) == (0, 3)
    sysroot.set_default(fallen)
    assert sysroot.deployments()[0].tries == 3


def test_what_is_undeployed_is_gone_from_the_menu_and_the_disk(releases):
    sysroot = releases.create(releases.release(1))
    sysroot.deploy(releases.bring(sysroot, releases.release(2, kernel="6.2")), origin=ORIGIN)
    new, old = sysroot.deployments()
    sysroot.undeploy(new)
    assert (versions(sysroot), titles(sysroot)) == (["1.1"], ["Example 1"])
    assert not new.path.exists()
    assert [folder.split("/")[1][:4] for folder in kernels.on_esp(sysroot.esp)] == ["6.1-"]
    with pytest.raises(CannotUndeploy, match="it is the only one"):
        sysroot.undeploy(old)
    with pytest.raises(NoSuchDeployment):
        sysroot.undeploy(new)


def test_what_the_menu_starts_is_always_in_the_list(releases, monkeypatch):
    """A cut after any change of the list must not start what libostree no longer knows."""
    sysroot = releases.create(releases.release(1))
    sysroot.deploy(releases.bring(sysroot, releases.release(2, kernel="6.2")), origin=ORIGIN)
    real, seen = sysroot._write, []

    def write(deployments):
        real(deployments)
        numbers = [f"Example {version[-1]}" for version in versions(sysroot)]
        seen.append((numbers, titles(sysroot)[0] in numbers))

    monkeypatch.setattr(sysroot, "_write", write)
    sysroot.undeploy(sysroot.deployments()[0])
    assert seen == [(["Example 1", "Example 2"], True), (["Example 1"], True)]


def test_what_is_pinned_stays(releases):
    sysroot = releases.create(releases.release(1))
    (first,) = sysroot.deployments()
    sysroot.pin(first, True)
    for number in (2, 3):
        sysroot.deploy(releases.bring(sysroot, releases.release(number)), origin=ORIGIN)
    assert versions(sysroot) == ["1.3", "1.2", "1.1"]
    assert [each.is_pinned for each in sysroot.deployments()] == [False, False, True]
    sysroot.pin(sysroot.deployments()[-1], False)
    sysroot.deploy(releases.bring(sysroot, releases.release(4)), origin=ORIGIN)
    assert "1.1" not in versions(sysroot)


def test_the_same_release_with_other_arguments_is_another_deployment(releases):
    commit = releases.release(1)
    sysroot = releases.create(commit)
    made = sysroot.deploy(commit, origin=ORIGIN, kargs=["rw", "debug"])
    assert (made.serial, made.kargs, made.tries) == (1, ("rw", "debug"), 3)
    assert next(options.split()[1:] for _, options in menu(sysroot)) == ["rw", "debug"]
    assert len(kernels.on_esp(sysroot.esp)) == 1


def test_a_release_without_a_kernel_changes_nothing(releases):
    sysroot = releases.create(releases.release(1))
    tree = write_tree(releases.folder / "tree2", 2)
    shutil.rmtree(tree / "usr/lib/modules/6.1")
    commit = releases._ostree("commit", "--branch=bad", f"--tree=dir={tree}")
    with pytest.raises(KernelMissing, match="no kernel is in /usr/lib/modules"):
        sysroot.deploy(releases.bring(sysroot, commit), origin=ORIGIN)
    assert (versions(sysroot), titles(sysroot)) == (["1.1"], ["Example 1"])
    assert len(trees(sysroot)) == 1


def test_a_release_whose_kernel_is_no_program_changes_nothing(releases):
    sysroot = releases.create(releases.release(1))
    tree = write_tree(releases.folder / "tree2", 2)
    (tree / "usr/lib/modules/6.1/vmlinuz").write_text("not a kernel")
    commit = releases._ostree("commit", "--branch=bad", f"--tree=dir={tree}")
    with pytest.raises(KernelMissing, match="is no EFI program"):
        sysroot.deploy(releases.bring(sysroot, commit), origin=ORIGIN)
    assert (versions(sysroot), titles(sysroot)) == (["1.1"], ["Example 1"])
    assert len(trees(sysroot)) == 1


def test_a_release_that_turns_out_not_to_boot_is_given_up(releases):
    sysroot = releases.create(releases.release(1))
    tree = write_tree(releases.folder / "tree2", 2)
    (tree / "usr/lib/modules/6.1/initramfs.img").write_bytes(b"")
    commit = releases._ostree("commit", "--branch=bad", f"--tree=dir={tree}")
    with pytest.raises(KernelMissing, match=r"initramfs\.img is missing or empty"):
        sysroot.deploy(releases.bring(sysroot, commit), origin=ORIGIN)
    assert (versions(sysroot), titles(sysroot)) == (["1.1"], ["Example 1"])
    assert len(trees(sysroot)) == 1


def test_a_kernel_that_does_not_fit_changes_nothing(releases, monkeypatch):
    sysroot = releases.create(releases.release(1))
    small = releases.folder / "small"
    small.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=80k", "arkes-test", str(small)]
    subprocess.run(argv, check=True)
    try:
        sysroot.esp = small
        sysroot.sync()
        before = sorted(str(path) for path in small.rglob("*"))
        tree = write_tree(releases.folder / "tree2", 2, kernel="6.2")
        (tree / "usr/lib/modules/6.2/initramfs.img").write_bytes(os.urandom(100_000))
        commit = releases._ostree("commit", "--branch=big", f"--tree=dir={tree}")
        with pytest.raises(EspFull) as raised:
            sysroot.deploy(releases.bring(sysroot, commit), origin=ORIGIN)
        assert "are needed and" in raised.value.details
        assert sorted(str(path) for path in small.rglob("*")) == before
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert versions(sysroot) == ["1.1"]
    assert len(trees(sysroot)) == 1


def test_what_could_not_be_put_in_place_leaves_the_one_to_go_back_to(releases):
    sysroot = releases.create(releases.release(1))
    sysroot.deploy(releases.bring(sysroot, releases.release(2)), origin=ORIGIN)
    tree = write_tree(releases.folder / "tree3", 3)
    (tree / "usr/lib/modules/6.1/initramfs.img").write_bytes(b"")
    commit = releases._ostree("commit", "--branch=bad", f"--tree=dir={tree}")
    with pytest.raises(KernelMissing):
        sysroot.deploy(releases.bring(sysroot, commit), origin=ORIGIN)
    assert versions(sysroot) == ["1.2", "1.1"]
    assert titles(sysroot) == ["Example 2", "Example 1"]
    assert len(trees(sysroot)) == 2


def test_a_menu_that_cannot_be_written_is_told_as_such(releases):
    sysroot = releases.create(releases.release(1))
    argv = ["mount", "-t", "tmpfs", "-o", "ro", "arkes-test", str(sysroot.esp)]
    subprocess.run(argv, check=True)
    try:
        with pytest.raises(EspUnusable, match=r"esp cannot be changed: Read-only file system"):
            sysroot.deploy(releases.bring(sysroot, releases.release(2)), origin=ORIGIN)
    finally:
        subprocess.run(["umount", str(sysroot.esp)], check=True)
    assert versions(sysroot) == ["1.1"]


def test_a_machine_whose_menu_is_not_mounted_changes_nothing(releases, monkeypatch):
    made = releases.create(releases.release(1))
    monkeypatch.setattr(module, "MACHINE", made.path)
    monkeypatch.setattr(module, "ESP", releases.folder / "nowhere")
    monkeypatch.setattr(module, "PARTITION", releases.folder)
    sysroot = Sysroot.open(made.path)
    assert versions(sysroot) == ["1.1"]
    with pytest.raises(EspUnusable, match=r"nowhere cannot be changed: it is not mounted"):
        sysroot.set_default(sysroot.deployments()[0])


def test_libostrees_checksum_of_a_kernel_is_that_of_its_two_files(releases):
    sysroot = releases.create(releases.release(1))
    (made,) = sysroot.deployments()
    both = efi_program("kernel 6.1") + b"initramfs 6.1"
    assert made.boot == hashlib.sha256(both).hexdigest()


def test_staging_wants_a_running_system(releases):
    commit = releases.release(1)
    sysroot = releases.create(commit)
    with pytest.raises(NothingBooted):
        sysroot.stage(commit, origin=ORIGIN)


def test_a_folder_that_is_no_sysroot_is_told(tmp_path):
    with pytest.raises(NotDeployed):
        Sysroot.open(tmp_path)


def test_a_second_process_waits_for_the_first(releases, monkeypatch):
    from arkes_build.sysroot.errors import SysrootBusy

    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    sysroot = releases.create(releases.release(1))
    other = Sysroot.open(sysroot.path, esp=sysroot.esp)
    with sysroot.changing(), sysroot.changing(), pytest.raises(SysrootBusy):
        other.sync()
    other.sync()


def test_a_full_disk_is_told_as_such(tmp_path):
    from arkes_build.sysroot.trouble import told

    modules = binding()
    error = modules.glib.Error.new_literal(
        modules.gio.io_error_quark(), "min-free-space-percent '3%' would be exceeded", 0
    )
    with pytest.raises(DiskFull), told(tmp_path, doing="deploying"):
        raise error

from __future__ import annotations

import pytest

WANTED = "var/lib/arkes/initramfs-wanted"
MODULES = "usr/lib/modules/6.12.1"


@pytest.fixture(params=["debian", "arch"])
def tree(request, make_tree):
    """Return a tree with one kernel where its family puts it, and a dracut that writes."""
    tree = make_tree(request.param)
    tree.write(f"{MODULES}/modules.order")
    if request.param == "debian":
        for name in ("vmlinuz", "config", "System.map"):
            tree.write(f"boot/{name}-6.12.1", name)
    else:
        tree.write(f"{MODULES}/vmlinuz", "vmlinuz")
        tree.write(f"{MODULES}/pkgbase", "linux-lts\n")
        tree.write("boot/vmlinuz-linux", "vmlinuz")
    tree.answer("dracut", 'for image; do :; done; umask 077; echo initramfs >"$image"\n')
    return tree


def mode(path):
    return path.stat().st_mode & 0o7777


def test_kernel_and_initramfs_are_where_ostree_looks(tree):
    tree.write("boot/grub/grub.cfg")
    tree.write(WANTED)
    done = tree.run("post_build")
    assert done.code == 0, done.said
    image = tree.root / MODULES / "initramfs.img"
    assert done.of("depmod") == [["6.12.1"]]
    assert done.of("dracut") == [["--force", "--quiet", "--kver", "6.12.1", str(image)]]
    assert mode(image) == mode(tree.root / MODULES / "vmlinuz") == 0o644
    assert list((tree.root / "boot").iterdir()) == []
    assert not (tree.root / WANTED).exists()


def test_an_initramfs_is_made_again_only_when_its_parts_changed(tree):
    tree.write(WANTED)
    assert len(tree.run("post_build").of("dracut")) == 1
    tree.write(WANTED)
    assert tree.run("post_build").of("dracut") == []
    tree.write("etc/modprobe.d/new.conf", "blacklist x\n")
    tree.write(WANTED)
    assert len(tree.run("post_build").of("dracut")) == 1


def test_nobody_asked_and_nothing_is_made(tree):
    assert tree.run("post_build").of("dracut") == []


def test_in_a_tree_that_boots_a_layer_makes_a_new_initramfs_itself(tree):
    tree.write(WANTED)
    tree.run("post_build")
    tree.write(WANTED)
    tree.write("etc/dracut.conf.d/new.conf")
    assert len(tree.run("package_layer", "nano").of("dracut")) == 1


def test_without_a_kernel_there_is_nothing_to_make(debian):
    debian.write(WANTED)
    (debian.root / "boot").mkdir()
    done = debian.run("post_build")
    assert (done.code, done.of("dracut")) == (0, [])
    assert debian.run("prepare_kernels").code == 69


def test_modules_without_their_kernel_are_an_error(debian):
    debian.write(f"{MODULES}/modules.order")
    (debian.root / "boot").mkdir()
    done = debian.run("prepare_kernels")
    assert done.code == 69
    assert "kernel 6.12.1 has modules but no vmlinuz" in done.said


def test_steps_run_in_the_order_of_their_names_and_the_first_failure_ends(debian, tmp_path):
    for name, text in (("10-a", "echo a"), ("20-b", "echo b; exit 3"), ("30-c", "echo c")):
        step = debian.write(f"steps/{name}", f"#!/bin/sh\n{text}\n")
        step.chmod(0o755)
    debian.write("steps/15-notes.txt", "no program")
    done = debian.run("post_build", SYSTEM_POST_BUILD=str(debian.root / "steps"))
    assert (done.code, done.printed) == (3, "a\nb\n")
    assert "20-b failed" in done.said


def test_drivers_are_built_and_their_tools_removed(tree):
    tree.answer(
        "dkms",
        f'mkdir -p "$SYSTEM_ROOT/{MODULES}/updates/dkms"\n'
        f'echo driver >"$SYSTEM_ROOT/{MODULES}/updates/dkms/card.ko.xz"\n',
    )
    # Removing the package removes its modules, as DKMS does.
    tree.answer(
        "apt-get" if tree.family == "debian" else "pacman",
        f'case "$*" in *purge*|*-Rcns*) rm -rf "$SYSTEM_ROOT/{MODULES}/updates" ;;\n'
        "*-Qdtq*) exit 1 ;; esac\n",
    )
    done = tree.run("build_kernel_modules", "card-dkms")
    assert done.code == 0, done.said
    assert done.of("dkms") == [["autoinstall", "-k", "6.12.1"]]
    assert tree.read(f"{MODULES}/updates/dkms/card.ko.xz") == "driver\n"
    headers = "linux-headers-6.12.1" if tree.family == "debian" else "linux-lts-headers"
    changes = [call[call.index("--") + 1 :] for call in done.calls if "--" in call]
    assert changes == [["dkms", headers, "card-dkms"]] * 2
    assert not (tree.root / "etc/dkms").exists()


def test_a_driver_that_does_not_build_fails_with_its_log(tree):
    tree.write("var/lib/dkms/card/1/build/make.log", "card.c:1: error: no such member\n")
    done = tree.run("build_kernel_modules", "card-dkms")
    assert done.code == 70
    assert "card.c:1: error: no such member" in done.said
    assert "no module was built for kernel 6.12.1" in done.said

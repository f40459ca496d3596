"""What a new lock changes stands in the order in which people must know it."""

import pytest

from arkes_build.history.versions import dpkg_order
from arkes_build.project.lockfile import NodeLock, PackageFile, TargetLock
from arkes_build.project.lockmoves import Kind, Move, moves


def files(**versions):
    return tuple(
        PackageFile(name=name.replace("_", "-"), version=version, arch="amd64", sha256="1" * 64)
        for name, version in versions.items()
    )


def target(*packages):
    return TargetLock(nodes={"base": NodeLock(packages=packages)})


def test_the_kernel_stands_first_then_security_then_names():
    old = target(*files(zlib="1", apt="2", openssl="3", linux_image_amd64="6.1", gone="1"))
    new = target(*files(zlib="2", apt="1.9", openssl="3.1", linux_image_amd64="6.2", fresh="1"))
    assert [
        (each.name, each.kind) for each in moves(old, new, "base", dpkg_order, {"openssl"})
    ] == [
        ("linux-image-amd64", Kind.UP),
        ("openssl", Kind.UP),
        ("apt", Kind.DOWN),
        ("fresh", Kind.ADDED),
        ("gone", Kind.REMOVED),
        ("zlib", Kind.UP),
    ]


def test_another_file_of_the_same_version_is_told_apart():
    (one,) = files(a="1")
    other = PackageFile(name="a", version="1", arch="amd64", sha256="2" * 64)
    assert moves(target(one), target(other), "base", dpkg_order) == (
        Move(name="a", kind=Kind.FILE, before="1", after="1"),
    )


@pytest.mark.parametrize(
    "name",
    ["linux", "linux-lts", "linux-image-6.12.1-amd64", "intel-ucode", "amd64-microcode"],
)
def test_kernels_are_known_by_name(name):
    new = target(PackageFile(name=name, version="1", arch="amd64"))
    assert [each.is_kernel for each in moves(target(), new, "base", dpkg_order)] == [True]


def test_a_node_that_is_new_in_the_lock_changes_nothing():
    assert moves(TargetLock(), target(*files(a="1")), "base", dpkg_order) == ()

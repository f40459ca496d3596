"""Read package lists of both families."""

from __future__ import annotations

import pytest

from arkes_build.store.packages import packages

STATUS = b"""Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b2
Description: GNU Bourne Again SHell
 Package: notreal
 .
 more

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libc6
Status: hold ok installed
Architecture: amd64
Version: 2.36-9

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-9

Package: broken
Status: install ok half-configured
Version: 1

Status: install ok installed
Version: 1
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ()),
        (
            {"usr/lib/sysimage/dpkg/status": STATUS},
            ("bash=5.2.15-2+b2", "libc6:amd64=2.36-9", "libc6:i386=2.36-9"),
        ),
        (
            {"var/lib/dpkg/status": b"Package: a\nVersion: 1\nStatus: install ok installed"},
            ("a=1",),
        ),
        (
            {
                "var/lib/dpkg/status.d/base": b"Package: base-files\nVersion: 12\n",
                "var/lib/dpkg/status.d/base.md5sums": b"0123  etc/x\n",
            },
            ("base-files=12",),
        ),
        (
            {
                "usr/lib/sysimage/pacman/local/ALPM_DB_VERSION": b"9\n",
                "usr/lib/sysimage/pacman/local/gcc-libs-14.1.1+r58-1/desc": b"",
                "usr/lib/sysimage/pacman/local/tzdata-2024a-2/desc": b"",
                "usr/lib/sysimage/pacman/local/lib32-x-1:2.0-1.1/desc": b"",
            },
            ("gcc-libs=14.1.1+r58-1", "lib32-x=1:2.0-1.1", "tzdata=2024a-2"),
        ),
        ({"var/lib/dpkg/status": b"\xff\xfe\0garbage\n\n: x\n"}, ()),
    ],
    ids=[
        "no package manager",
        "dpkg, with two architectures and packages that are not installed",
        "dpkg in its usual place",
        "an image without a package manager",
        "pacman",
        "garbage",
    ],
)
def test_packages_are_listed(files, expected, plain_tree):
    assert packages(plain_tree(files)) == expected

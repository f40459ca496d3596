"""Read package databases as they are in trees."""

import pytest

from arkes_build.history.inventory import Package, inventory
from arkes_build.history.view import About


class PlainView:
    """A tree in memory: path → bytes, or a link as a text."""

    def __init__(self, files):
        self._tree = files
        self.files = self

    def file(self, path):
        return path if path in self._tree else None

    def about(self, entry):
        found = self._tree[entry.checksum]
        return About(0o777, 0, 0, 0, found if isinstance(found, str) else None)

    def text(self, path):
        found = self._tree.get(path, b"")
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""

    def names(self, path):
        inside = (name[len(path) + 1 :] for name in self._tree if name.startswith(f"{path}/"))
        return tuple(sorted({name.partition("/")[0] for name in inside}))


STATUS = b"""\
Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc (2.41-12)
Version: 2.41-12+b1
Maintainer: GNU Libc Maintainers <debian-glibc@example.org>
Homepage: https://example.org/libc
Description: GNU C Library: Shared libraries
 Contains the standard libraries.
Depends: libgcc-s1

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.41-12

Package: libgcc-s1
Status: install ok installed
Architecture: amd64
Source: gcc-14
Version: 14.2.0-19+b3
Depends: gcc-14-base (= 14.2.0-19), libc6 (>= 2.38)

Package: mawk
Status: install ok installed
Architecture: amd64
Version: 1.3.4
Provides: awk
Pre-Depends: libc6:any (>= 2.38),
 libm-gone

Package: base-files
Status: install ok installed
Architecture: all
Version: 13
Depends: gone | awk, awk

Package: removed
Status: deinstall ok config-files
Architecture: all
Version: 1
"""
COPYRIGHT = b"Format: https://example.org/copyright-format/1.0\n\nFiles: *\nLicense: GPL-2+\n"


def test_dpkg_says_what_is_there_and_who_needs_whom():
    view = PlainView(
        {
            "usr/lib/sysimage/dpkg/status": STATUS,
            "usr/share/doc/libc6/copyright": COPYRIGHT,
            "usr/share/doc/libgcc-s1": "libc6",
            "usr/share/doc/mawk/copyright": "../libc6/copyright",
            "usr/share/doc/base-files": "../../../../../../etc",
        }
    )
    licence = "GPL-2.0-or-later"
    assert inventory(view) == (
        Package(
            kind="deb",
            name="base-files",
            version="13",
            arch="all",
            source=("base-files", "13"),
            needs=(("mawk", "amd64"),),
        ),
        Package(
            kind="deb",
            name="libc6",
            version="2.41-12+b1",
            arch="amd64",
            description="GNU C Library: Shared libraries",
            maintainer="GNU Libc Maintainers",
            email="debian-glibc@example.org",
            homepage="https://example.org/libc",
            licence=licence,
            source=("glibc", "2.41-12"),
            needs=(("libgcc-s1", "amd64"),),
        ),
        Package(
            kind="deb",
            name="libc6",
            version="2.41-12",
            arch="i386",
            licence=licence,
            source=("libc6", "2.41-12"),
        ),
        Package(
            kind="deb",
            name="libgcc-s1",
            version="14.2.0-19+b3",
            arch="amd64",
            licence=licence,
            source=("gcc-14", "14.2.0-19"),
            needs=(("libc6", "amd64"),),
        ),
        Package(
            kind="deb",
            name="mawk",
            version="1.3.4",
            arch="amd64",
            licence=licence,
            source=("mawk", "1.3.4"),
            needs=(("libc6", "amd64"),),
        ),
    )


DESC = """\
%NAME%
zlib

%VERSION%
1:1.3.1-2

%BASE%
zlib-src

%DESC%
Compression library

%URL%
https://example.org/zlib

%ARCH%
x86_64

%PACKAGER%
A Packager <packager@example.org>

%LICENSE%
Zlib

%DEPENDS%
glibc>=2.38

%PROVIDES%
libz.so=1-64
"""


def test_pacman_says_what_is_there_and_who_needs_whom():
    local = "usr/lib/sysimage/pacman/local"
    view = PlainView(
        {
            f"{local}/ALPM_DB_VERSION": b"9\n",
            f"{local}/zlib-1:1.3.1-2/desc": DESC.encode(),
            f"{local}/glibc-2.40-1/desc": b"%NAME%\nglibc\n\n%VERSION%\n2.40-1\n",
            f"{local}/tool-1-1/desc": b"%NAME%\ntool\n\n%VERSION%\n1-1\n\n"
            b"%DEPENDS%\nlibz.so=1-64\n\n%PACKAGER%\nUnknown Packager\n",
        }
    )
    assert inventory(view) == (
        Package(kind="alpm", name="glibc", version="2.40-1", arch="", source=("glibc", "2.40-1")),
        Package(
            kind="alpm",
            name="tool",
            version="1-1",
            arch="",
            source=("tool", "1-1"),
            needs=(("zlib", "x86_64"),),
        ),
        Package(
            kind="alpm",
            name="zlib",
            version="1:1.3.1-2",
            arch="x86_64",
            description="Compression library",
            maintainer="A Packager",
            email="packager@example.org",
            homepage="https://example.org/zlib",
            licence="Zlib",
            source=("zlib-src", "1:1.3.1-2"),
            needs=(("glibc", ""),),
        ),
    )


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\x00\n\n:::\nPackage\n", id="no database"),
        pytest.param(b"Package: a\nStatus: install ok installed\n", id="no version"),
    ],
)
def test_what_is_no_database_holds_no_packages(status):
    assert inventory(PlainView({"usr/lib/sysimage/dpkg/status": status})) == ()


def test_hostile_texts_become_one_short_line():
    text = b"Package: a\nVersion: 1\x1b[2J\nHomepage: x\x07y\nMaintainer: <a@b> <\n"
    text += b"Description: " + b"d" * 9_999 + b"\nDepends: ,|,((,a|\n"
    (package,) = inventory(PlainView({"var/lib/dpkg/status": text}))
    assert (package.version, package.homepage, package.maintainer) == ("1[2J", "xy", "<a@b> <")
    assert len(package.description) == 2_000
    assert package.needs == ()

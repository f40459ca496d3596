"""A comparison that has something of everything, hostile names among it."""

import pytest

from arkes_build.history.model import (
    Changes,
    Download,
    Kind,
    NameChange,
    PackageChange,
    PathChange,
    Share,
    Side,
)

HOSTILE = "<script>alert(1)</script>\x1b[31m\udcff"
LINE = "variants/base.Containerfile:13"


def side(name, commit, version, kernel):
    return Side(
        name=name,
        commit=commit * 64,
        version=version,
        node="base",
        timestamp=1_780_000_000,
        kernel=kernel,
    )


def package(name, before, after, kind):
    return PackageChange(name=name, before=before, after=after, kind=kind)


def path(name, kind, size, **more):
    return PathChange(path=name, kind=kind, size=size, **more)


def about(name, kind, detail=""):
    return NameChange(name=name, kind=kind, detail=detail)


FILES = (
    path("/usr/bin/bash", Kind.CHANGED, 1_300_000, package="bash", line=LINE),
    path("/usr/etc/hosts", Kind.CHANGED, 120),
    path("/usr/etc/new.conf", Kind.ADDED, 40, package="nginx", line=LINE),
    path("/usr/lib/gone.so", Kind.REMOVED, 90_000, package="gone"),
    path(f"/usr/share/{HOSTILE}", Kind.ADDED, 7, package=HOSTILE, line=LINE),
    path("/usr/share/nginx", Kind.ADDED, 0, package="nginx", line=LINE, is_folder=True),
)


@pytest.fixture
def changes():
    return Changes(
        before=side("base^", "a", "2026.10", "6.12.1"),
        after=side("base", "b", "2026.11", "6.12.4"),
        packages=(
            package("bash", "5.2-1", "5.2-2", Kind.UPGRADED),
            package("gone", "1.0", "", Kind.REMOVED),
            package("linux-image-amd64", "6.12.1", "6.12.4", Kind.UPGRADED),
            package(HOSTILE, "", "1.0", Kind.ADDED),
            package("old", "2", "1", Kind.DOWNGRADED),
        ),
        etc=(
            path("/etc/hosts", Kind.CHANGED, 120, detail="content, mode 0644 → 0600"),
            path("/etc/new.conf", Kind.ADDED, 40, package="nginx", line=LINE),
        ),
        units=(
            about("nginx.service", Kind.ADDED),
            about("nginx.service", Kind.ADDED, "enabled by multi-user.target"),
            about("ssh.service", Kind.REMOVED, "masked"),
            about("tool.service", Kind.CHANGED, "user"),
        ),
        users=(about("www", Kind.ADDED, "user 33:33 /srv"),),
        kernel_arguments=(about("quiet", Kind.REMOVED, "10-a.toml"),),
        files=FILES,
        by_package=(
            Share(name="bash", files=1, size=1_300_000),
            Share(name="", files=1, size=120),
            Share(name="nginx", files=1, size=40),
            Share(name=HOSTILE, files=1, size=7),
            Share(name="gone", files=1, size=0, removed=90_000),
        ),
        by_line=(
            Share(name=LINE, files=3, size=1_300_047, detail="RUN package_layer nginx"),
            Share(name="", files=2, size=120, removed=90_000),
        ),
        download=Download(
            objects=12,
            content_bytes=1_310_000,
            object_bytes=640_000,
            is_estimate=True,
            delta_bytes=210_000,
            layers=2,
            layer_bytes=1_300_047,
        ),
    )


@pytest.fixture
def nothing(changes):
    """A comparison of two equal trees."""
    return Changes(
        before=changes.before,
        after=side("base", "a", "2026.10", "6.12.1"),
        packages=(),
        etc=(),
        units=(),
        users=(),
        kernel_arguments=(),
        files=(),
        by_package=(),
        by_line=(),
        download=Download(objects=0, content_bytes=0, object_bytes=0),
    )

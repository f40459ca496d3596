from pathlib import Path

import pytest

from arkes_build.bootstrap import debian
from arkes_build.bootstrap.apt_sources import Source
from arkes_build.bootstrap.errors import MirrorsWanted
from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Arch
from arkes_build.project.model import Bootstrap


def bootstrap(**fields):
    return Bootstrap(**({"tool": "mmdebstrap", "suite": "trixie", "packages": ("a", "b")} | fields))


def test_the_arguments_of_mmdebstrap():
    assert debian.command(
        bootstrap(),
        arch=Arch.AARCH64,
        target=Path("/w/rootfs.tar"),
        listing=Path("/w/arkes.sources"),
        passwords=Path("/w/auth.conf"),
        cache=Path("/c ache"),
        apt_options=['Acquire::http::Proxy "http://p.example.org"'],
    ) == (
        "mmdebstrap",
        "--variant=minbase",
        "--format=tar",
        "--architectures=arm64",
        "--include=a,b",
        '--aptopt=Acquire::http::Proxy "http://p.example.org"',
        "--dpkgopt=force-unsafe-io",
        "--skip=output/dev,essential/unlink",
        '--setup-hook=mkdir -p "$1/etc/apt/auth.conf.d" "$1/var/cache/apt/archives"',
        "--setup-hook=sync-in '/c ache' /var/cache/apt/archives",
        "--setup-hook=upload /w/auth.conf /etc/apt/auth.conf.d/arkes.conf",
        "--customize-hook=sync-out /var/cache/apt/archives '/c ache'",
        '--customize-hook=rm -f "$1/etc/apt/auth.conf.d/arkes.conf"',
        '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"',
        '--customize-hook=rm -f "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"',
        '--customize-hook=rm -f "$1/etc/hostname"',
        '--customize-hook=rm -f "$1/etc/resolv.conf"',
        "trixie",
        "/w/rootfs.tar",
        "/w/arkes.sources",
    )


def test_mirrors_of_the_project_win_and_know_the_snapshot(tmp_path):
    found = debian.find_sources(
        bootstrap(mirrors=("https://s.example.org/{snapshot}/debian",), snapshot="20261101"),
        tmp_path,
    )
    assert found == (Source(uri="https://s.example.org/20261101/debian", suites=("trixie",)),)


def test_a_machine_that_knows_no_debian_mirror_is_told_to_name_one(tmp_path):
    with pytest.raises(MirrorsWanted) as caught:
        debian.find_sources(bootstrap(), tmp_path)
    assert caught.value.exit_code is ExitCode.BOOTSTRAP
    assert caught.value.brief == "bootstrap: no mirror is known for the debian family"
    assert "[bootstrap.debian]\nmirrors = [" in caught.value.resolution


@pytest.mark.parametrize(
    ("snapshot", "settings", "expected"),
    [
        pytest.param("", {}, {}, id="a machine that checks dates"),
        pytest.param("20261101", {}, {"Check-Valid-Until": "no"}, id="a snapshot is of the past"),
        pytest.param(
            "",
            {"Acquire::Check-Valid-Until": "false", "Acquire::Check-Date": "0"},
            {"Check-Valid-Until": "no", "Check-Date": "no"},
            id="a machine that does not",
        ),
    ],
)
def test_dates_are_checked_as_this_machine_checks_them(snapshot, settings, expected):
    assert debian.date_checks(bootstrap(snapshot=snapshot), settings) == expected

"""Check what ``arkes.toml`` means; wrong ones are in the golden findings."""

from dataclasses import FrozenInstanceError

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Family
from arkes_build.core.source import Source
from arkes_build.project.config import parse_config
from arkes_build.project.errors import ConfigError
from arkes_build.project.identity import Identity

FULL = """
[project]
name = "tiny"
title = "Tiny Ärkēs"
id = "tiny-os"
version = "1.2 (Beta 3)"
epoch = 1735689600
home-url = "https://example.org/"
bug-report-url = "https://example.org/bugs?x=1"

[bootstrap.debian]
tool = "mmdebstrap"
suite = "bookworm"
components = ["main", "non-free-firmware"]
snapshot = "20251101T000000Z"
packages = ["apt", "libc6:amd64", "g++"]
mirrors = ["https://example.org/{snapshot}"]

[bootstrap.arch]
snapshot = "2025/11/01"

[build]
jobs = 3
store = "../store"

[aur]
base = "https://aur.example.org"
"""


def parse(text):
    return parse_config(Source("arkes.toml", text))


def test_everything_said():
    assert parse(FULL).values() == {
        "project": {
            "name": "tiny",
            "title": "Tiny Ärkēs",
            "id": "tiny-os",
            "version": "1.2 (Beta 3)",
            "epoch": 1735689600,
            "home_url": "https://example.org/",
            "bug_report_url": "https://example.org/bugs?x=1",
        },
        "bootstrap": {
            "debian": {
                "tool": "mmdebstrap",
                "suite": "bookworm",
                "components": ("main", "non-free-firmware"),
                "snapshot": "20251101T000000Z",
                "packages": ("apt", "libc6:amd64", "g++"),
                "mirrors": ("https://example.org/{snapshot}",),
                "files": (),
            },
            "arch": {
                "tool": "pacstrap",
                "suite": None,
                "components": (),
                "snapshot": "2025/11/01",
                "packages": (),
                "mirrors": (),
                "files": (),
            },
        },
        "build": {"jobs": 3, "store": "../store"},
        "aur": {"base": "https://aur.example.org"},
    }


def test_an_empty_file_is_a_project_called_arkes():
    config = parse("")
    assert config.bootstrap == {}
    assert (config.build.jobs, config.build.store, config.project.epoch) == (None, None, 0)
    assert config.identity(Family.DEBIAN) == Identity(
        name="arkes",
        id="arkes",
        id_like="debian",
        version="0",
        version_id="0",
        home_url="",
        bug_report_url="",
    )
    assert (config.bootstrap_for(Family.ARCH), config.bootstrap_for(Family.DEBIAN)) == (None, None)


def test_identity_of_everything_said():
    assert parse(FULL).identity(Family.ARCH) == Identity(
        name="Tiny Ärkēs",
        id="tiny-os",
        id_like="arch",
        version="1.2 (Beta 3)",
        version_id="1.2-beta-3",
        home_url="https://example.org/",
        bug_report_url="https://example.org/bugs?x=1",
    )


def test_a_project_called_as_its_family_is_not_like_itself():
    assert parse('[project]\nid = "debian"').identity(Family.DEBIAN).id_like == ""


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        pytest.param(Family.DEBIAN, "bookworm 20251101T000000Z", id="suite and snapshot"),
        pytest.param(Family.ARCH, "2025/11/01", id="snapshot only"),
    ],
)
def test_packages_date(family, expected):
    assert parse(FULL).bootstrap_for(family).packages_date == expected


def test_the_environment_changes_nothing(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12345")
    assert parse("").project.epoch == 0


def test_a_config_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        parse("").project.name = "other"


def test_errors_have_the_projects_exit_code_and_count():
    with pytest.raises(ConfigError) as caught:
        parse("a = 1\nb = 2\n")
    assert caught.value.exit_code is ExitCode.PROJECT
    assert caught.value.brief == str(caught.value) == "2 errors in arkes.toml"

"""Check what ``arkes.toml`` means; wrong ones are in the golden findings."""

from dataclasses import FrozenInstanceError

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Family
from arkes_build.core.source import Source
from arkes_build.project.config import parse_config
from arkes_build.project.errors import ConfigError
from arkes_build.project.identity import Identity
from arkes_build.project.settings import Budget, Retention, size

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

[updates]
from-last = 5
from-scratch = false
url = "https://example.org/os"

[retention."*"]
keep = 10

[retention.base-slim]
keep = 2
days = 90

[budgets.base]
image = "1.5 GB"
update = "300MiB"
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
        "updates": {
            "from_last": 5,
            "from_scratch": False,
            "url": "https://example.org/os",
        },
        "retention": {"*": {"keep": 10, "days": None}, "base-slim": {"keep": 2, "days": 90}},
        "budgets": {"base": {"image": 1_500_000_000, "update": 300 * 2**20}},
    }


def test_a_table_of_a_node_stands_before_that_of_all():
    config = parse(FULL)
    assert config.retention_of("base") == Retention(keep=10)
    assert config.retention_of("base-slim") == Retention(keep=2, days=90)
    assert config.budget_of("base") == Budget(image=1_500_000_000, update=314_572_800)
    assert config.budget_of("hello") == Budget()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("12 B", 12, id="bytes"),
        pytest.param("1.5 GB", 1_500_000_000, id="powers of a thousand"),
        pytest.param("1KiB", 1024, id="powers of 1024"),
        pytest.param("0.5 TiB", 2**39, id="a part of a unit"),
        pytest.param(7, 7, id="a number of bytes"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_size_in_bytes(text, expected):
    assert size(text) == expected


@pytest.mark.parametrize("text", ["GB", "-1 GB", "1 gb", "1 PB", "1,5 GB", "", "٣ GB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ConfigError):
        parse(f'[budgets.base]\nimage = "{text}"')


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

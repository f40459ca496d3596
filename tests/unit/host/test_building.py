from dataclasses import replace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host import building, records
from arkes_build.host.building import Built, NoSystemfile
from arkes_build.host.machine import NothingDeployed

COMMIT = "ab" * 32

VERSIONS = {
    "the first build on a release": ("2026.11", "", "2026.11+local.1"),
    "the next one on the same": ("2026.11", "2026.11+local.1", "2026.11+local.2"),
    "numbers are numbers": ("2026.11", "2026.11+local.9", "2026.11+local.10"),
    "a new release begins anew": ("2026.12", "2026.11+local.7", "2026.12+local.1"),
    "a version that counts itself": ("1+local.3", "1+local.3+local.1", "1+local.3+local.2"),
    "what is no number counts for nothing": ("1", "1+local.x", "1+local.1"),
    "nor does an endless one": ("1", "1+local." + "9" * 5000, "1+local.1"),
}


@pytest.mark.parametrize(("base", "last", "wanted"), VERSIONS.values(), ids=VERSIONS.keys())
def test_the_next_release_is_called(base, last, wanted):
    assert building.next_version(base, last) == wanted


def test_a_machine_without_a_systemfile_is_told_how_to_begin_one(host):
    with pytest.raises(NoSystemfile) as caught:
        building.build_machine(host, COMMIT)
    assert caught.value.exit_code is ExitCode.SYSTEM
    assert caught.value.details == f"there is no {host.root}/etc/system/Systemfile"
    assert "`os edit` begins one" in caught.value.resolution
    assert records.read(host) == ()


def test_builds_lie_where_hard_links_reach(host):
    host.repo.mkdir(parents=True, exist_ok=True)
    (host.root / "var").mkdir(exist_ok=True)
    assert building._folder(host) == host.repo.resolve().parent / "arkes-build"


class _NoDeployments:
    def deployments(self):
        return ()


def test_without_a_deployment_there_is_no_base(host):
    with pytest.raises(NothingDeployed):
        building.base_of(replace(host, opener=lambda host: _NoDeployments()))


def test_a_build_is_written_down(host):
    built = Built(
        commit=COMMIT,
        ref="local/x86_64/system",
        version="1+local.1",
        base="cd" * 32,
        base_version="1",
        key="ef" * 32,
        is_new=True,
        seconds=2.5,
    )
    building._tell(host, built)
    (record,) = records.read(host)
    assert (record.action, record.result, record.before, record.after) == (
        "build",
        "ok",
        built.base,
        COMMIT,
    )
    assert (record.version, record.ref, record.seconds) == (built.version, built.ref, 2.5)


def test_a_disk_that_is_full_does_not_hide_what_failed(host):
    host.var.parent.mkdir(parents=True)
    host.var.write_text("in the way of the folder")
    building._tell_failure(host, COMMIT, NothingDeployed(), 1.0)

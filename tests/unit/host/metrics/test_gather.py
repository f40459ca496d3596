import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.host import records
from arkes_build.host.metrics import storage
from arkes_build.host.metrics.gather import gather
from arkes_build.host.metrics.storage import Room, Shares
from arkes_build.host.metrics.systemd import SystemdSilent
from arkes_build.host.metrics.text import exposition

GOLDEN = Path(__file__).parents[3] / "golden/metrics/machine.prom"
FIGURES = """\
arkes_boot_blessed 1
arkes_boot_duration_seconds{phase="initrd"} 3
arkes_boot_duration_seconds{phase="kernel"} 2
arkes_boot_duration_seconds{phase="total"} 15.5
arkes_boot_duration_seconds{phase="userspace"} 10.5
arkes_deployments{state="kept"} 0
arkes_deployments{state="next"} 0
arkes_deployments{state="previous"} 1
arkes_deployments{state="running"} 1
arkes_deployments{state="staged"} 1
arkes_deployments_pinned 1
arkes_health_check_duration_seconds{check="10-root"} 0.5
arkes_health_check_duration_seconds{check="50-net"} 2
arkes_health_check_ok{check="10-root"} 1
arkes_health_check_ok{check="50-net"} 0
arkes_health_ok 0
arkes_health_timestamp_seconds 1793800000
arkes_info{base="",commit="COMMIT",node="base",ref="arkes:arkes/x86_64/base",version="2026.11"} 1
arkes_reboot_pending 1
arkes_release_fallen_timestamp_seconds{commit="121212121212",version="2026.11.1"} 1793700000
arkes_release_timestamp_seconds 1793491200
arkes_releases_fallen 1
arkes_source_success{source="deployments"} 1
arkes_source_success{source="health"} 1
arkes_source_success{source="records"} 1
arkes_source_success{source="storage"} 1
arkes_source_success{source="systemd"} 1
arkes_storage_deployments_bytes 3000
arkes_storage_free_bytes 400
arkes_storage_shared_bytes 1900
arkes_storage_size_bytes 1000
arkes_unit_failed{unit="broken.service"} 1
arkes_units_failed 1
arkes_unlocked 0
arkes_update_available{version="2026.12"} 1
arkes_update_check_timestamp_seconds 1793850000
arkes_update_last_download_bytes 7
arkes_update_last_duration_seconds 61.5
arkes_update_last_success{action="upgrade",result="ok",version="2026.11"} 1
arkes_update_last_success_timestamp_seconds 1793900000
arkes_update_last_timestamp_seconds 1793900000
""".replace("COMMIT", "ab" * 32)


@pytest.fixture(autouse=True)
def stored(monkeypatch):
    monkeypatch.setattr(storage, "room", lambda path: Room(size=1000, free=400))
    monkeypatch.setattr(storage, "shares", lambda repo, commits: Shares(trees=3000, unique=1100))


def figures(gauges):
    lines = exposition(gauges).decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


def test_all_figures_of_a_machine(machine, told):
    assert figures(gather(machine, lambda: told)) == FIGURES


def test_the_whole_text_is_what_it_was(machine, told):
    text = exposition(gather(machine, lambda: told))
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        GOLDEN.write_bytes(text)
    assert text == GOLDEN.read_bytes()


def test_a_machine_that_knows_nothing_yet_tells_what_it_can(host, told):
    bare = replace(host, opener=lambda host: SimpleNamespace(deployments=tuple))
    names = {gauge.name for gauge in gather(bare, lambda: told) if gauge.samples}
    assert "arkes_releases_fallen" in names
    assert not {name for name in names if name.startswith(("arkes_update", "arkes_health"))}


def test_a_source_that_fails_keeps_no_other_back(machine):
    def silent():
        raise SystemdSilent("nothing")

    text = figures(gather(machine, silent))
    assert 'arkes_source_success{source="systemd"} 0' in text
    assert "arkes_health_ok 0" in text
    assert "arkes_boot_duration" not in text


def test_a_failed_update_is_told_and_the_last_good_one_stays_known(machine, told):
    later = replace(machine, clock=lambda: 1_793_999_999)
    records.append(later, action="upgrade", result="disk-full", version='2026.12"\n')
    text = figures(gather(machine, lambda: told))
    assert (
        'arkes_update_last_success{action="upgrade",result="disk-full",version="2026.12\\"\\n"} 0'
        in text
    )
    assert "arkes_update_last_timestamp_seconds 1793999999" in text
    assert "arkes_update_last_success_timestamp_seconds 1793900000" in text


def test_files_that_are_not_ours_cost_themselves_only(machine, told):
    for name in ("health.json", "available.json", "updates.jsonl"):
        (machine.var / name).write_bytes(b"\xff{[")
    text = figures(gather(machine, lambda: told))
    assert "arkes_deployments_pinned 1" in text
    assert "arkes_health_ok" not in text

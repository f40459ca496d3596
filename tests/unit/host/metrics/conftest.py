"""A machine with something to tell, as values."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from arkes_build.host import records
from arkes_build.host.metrics.systemd import Systemd
from arkes_build.sysroot.fallen import Fallen, write
from arkes_build.sysroot.model import Deployment

RUNNING = Deployment(
    index=0,
    stateroot="arkes",
    checksum="ab" * 32,
    serial=0,
    version="2026.11",
    node="base",
    ref="arkes:arkes/x86_64/base",
    base="",
    path=Path("/sysroot"),
    boot="cd" * 32,
    kargs=(),
    timestamp=1_793_491_200,
    is_booted=True,
    is_staged=False,
    is_rollback=False,
    is_pinned=False,
    unlocked="none",
    tries=None,
    tries_done=0,
    is_blessed=True,
)
PREVIOUS = replace(
    RUNNING, index=1, checksum="cd" * 32, is_booted=False, is_pinned=True, version="2026.10"
)
STAGED = replace(
    RUNNING, index=0, checksum="ef" * 32, is_booted=False, is_staged=True, version="2026.12"
)


class Deployments:
    """What ``Sysroot`` says, from a list."""

    def __init__(self, *deployments):
        self._deployments = deployments

    def deployments(self):
        return self._deployments


@pytest.fixture
def told():
    """What systemd says."""
    return Systemd(
        phases={"kernel": 2.0, "initrd": 3.0, "userspace": 10.5, "total": 15.5},
        failed=("broken.service",),
    )


@pytest.fixture
def machine(host):
    """A machine after an upgrade, with a staged one, a release that fell, and a failed check."""
    records.append(host, action="upgrade", after="ab" * 32, version="2026.11", seconds=61.5, size=7)
    records.append(host, action="pin", after="cd" * 32)
    checks = [
        {"name": "10-root", "is_well": True, "code": 0, "seconds": 0.5, "output": ""},
        {"name": "50-net", "is_well": False, "code": 1, "seconds": 2, "output": "no route"},
    ]
    health = {"when": 1_793_800_000, "boot": "x", "checks": checks}
    (host.var / "health.json").write_text(json.dumps(health))
    fell = Fallen(
        commit="12" * 32,
        version="2026.11.1",
        ref="arkes:arkes/x86_64/base",
        when=1_793_700_000,
        reason="health",
        tries=3,
    )
    write(host.var, fell)
    offered = {
        "when": 1_793_850_000,
        "state": "newer",
        "ref": "arkes/x86_64/base",
        "commit": "34" * 32,
        "version": "2026.12",
        "is_available": True,
        "download": 1000,
        "packages": 3,
    }
    (host.var / "available.json").write_text(json.dumps(offered))
    found = Deployments(STAGED, replace(RUNNING, index=1), replace(PREVIOUS, index=2))
    return replace(host, opener=lambda host: found)

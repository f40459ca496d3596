"""Deployments made by hand, for tests that need no sysroot."""

import pytest

from arkes_build.sysroot.model import Deployment


def _deployment(version="1.1", **fields):
    """Return a deployment; its checksum repeats the version's last letter."""
    made = {
        "index": 0,
        "stateroot": "arkes",
        "checksum": version[-1] * 64,
        "serial": 0,
        "version": version,
        "node": "base",
        "ref": "arkes:arkes/x86_64/base",
        "base": "",
        "path": None,
        "boot": "b" * 64,
        "kargs": ("rw", "quiet"),
        "timestamp": 1_793_800_000,
        "is_booted": False,
        "is_staged": False,
        "is_rollback": False,
        "is_pinned": False,
        "unlocked": "none",
        "tries": None,
        "tries_done": 0,
        "is_blessed": True,
    }
    return Deployment(**(made | fields))


@pytest.fixture(scope="session")
def make_deployment():
    """Return the function that makes a deployment."""
    return _deployment

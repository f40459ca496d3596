"""Know the machine that this runs on."""

from __future__ import annotations

import os
from pathlib import Path

from arkes_build.core.names import Family, machine_family

OS_RELEASE = (Path("/etc/os-release"), Path("/usr/lib/os-release"))
"""Where a machine says what it is, the first one wins (os-release(5))."""


def family_here() -> Family:
    """Return the family of the machine that this runs on."""
    for path in OS_RELEASE:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
        return machine_family({name.strip(): value.strip(" \"'") for name, _, value in pairs})
    return Family.DEBIAN


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))

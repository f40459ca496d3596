"""Give builds the limits that we have, where podman may not raise them.

From version 5 on, podman raises the limits of open files and processes for every RUN, to
1048576 unless containers.conf says otherwise. In a container or on a CI machine without
CAP_SYS_RESOURCE the kernel refuses that, and with it every build.
"""

from __future__ import annotations

import resource
from pathlib import Path

RAISED_TO = 1_048_576
"""What podman asks for by default (containers.conf(5), ``default_ulimits``)."""

_SYS_RESOURCE = 24  # capabilities(7), linux/capability.h
_LIMITS = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}


def containers_conf(status: Path = Path("/proc/self/status")) -> str:
    """Return the containers.conf(5) that keeps our limits, or an empty text if none is needed.

    ``status`` is the file that tells our capabilities, see proc(5).
    """
    ours = {name: resource.getrlimit(number) for name, number in _LIMITS.items()}
    low = [name for name, (_, hard) in ours.items() if 0 <= hard < RAISED_TO]
    if not low or _may_raise(status):
        return ""
    texts = ", ".join(f'"{name}={soft}:{hard}"' for name, (soft, hard) in sorted(ours.items()))
    return f"[containers]\ndefault_ulimits = [{texts}]\n"


def _may_raise(status: Path) -> bool:
    for line in status.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "CapEff":
            return bool(int(value, 16) >> _SYS_RESOURCE & 1)
    return False

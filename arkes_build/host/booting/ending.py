"""End a trial: bless the deployment that came up, or note why it is given up.

Neither asks libostree: both must work on a system of which little works, and cost little on
one that does. Which deployment runs stands on the kernel's command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.process import run
from arkes_build.host import health, journal
from arkes_build.host.booting import tries
from arkes_build.sysroot import fallen
from arkes_build.sysroot.links import read_argument
from arkes_build.sysroot.menu import bless as bless_entry

if TYPE_CHECKING:
    from arkes_build.host.machine import Host

BLESSED = "blessed"
"""In ``/run/arkes``: this boot is no trial, or no longer one."""
_PATIENCE = 10
_JOBS = 5


def bless(host: Host) -> bool:
    """Let the running deployment count as good from now on; tell whether that is new."""
    running = _running(host)
    is_new = running is not None and bless_entry(host.esp, *running)
    # From here on the timer gives this boot up no more, whatever the notes below meet.
    host.run.mkdir(parents=True, exist_ok=True)
    (host.run / BLESSED).touch()
    if running is not None:
        checksum, serial = running
        tries.forget(host.var, f"{checksum}.{serial}")
        fallen.forget(host.var, checksum)
        if is_new:
            journal.send(
                host,
                journal.Message.BOOT_BLESSED,
                f"{checksum[:12]} came up and boots from now on",
                commit=checksum,
            )
    return is_new


def give_up(host: Host) -> str:
    """Note why this boot is given up, and return it: a check that failed, or what it waits for."""
    running = _running(host)
    boot = health.boot_id(host)
    last = health.read(host)
    if last is not None and last.boot == boot and not last.is_well:
        reason = "; ".join(f"health check {each.brief}" for each in last.failed)
    else:
        reason = f"it did not reach boot-complete.target in time{_waiting()}"
    if running is not None:
        checksum, serial = running
        attempt = tries.Try(boot=boot, when=int(host.clock()), reason=reason)
        tries.gave_up(host.var, f"{checksum}.{serial}", attempt)
    return reason


def _running(host: Host) -> tuple[str, int] | None:
    try:
        return read_argument((host.root / "proc/cmdline").read_text("utf-8", "replace"))
    except OSError:
        return None


def _waiting() -> str:
    """Return which jobs of systemd run or wait, as the end of a sentence."""
    try:
        ended = run(("systemctl", "list-jobs", "--no-legend"), timeout=_PATIENCE, check=False)
    except (ArkesError, OSError):
        return ""
    jobs = [line.split() for line in ended.output.splitlines()]
    running = [job[1] for job in jobs if len(job) > 3 and job[3] == "running"]  # noqa: PLR2004 - ID UNIT TYPE STATE
    return f": it waited for {', '.join(running[:_JOBS])}" if running else ""

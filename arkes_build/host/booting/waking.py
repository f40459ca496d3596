"""Bring boot menu and deployments together, and set aside what did not come up.

At each boot, before the rest of the system needs it:

1. a deployment before the running one whose tries are used up has fallen: why is found out and
   kept, then it is undeployed;
2. the menu is brought to what the deployments are, whatever the last shutdown left undone;
3. when the running one was never blessed, this boot of it is noted.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, DiskFull
from arkes_build.core.process import run
from arkes_build.host import journal, records
from arkes_build.host.booting import tries
from arkes_build.host.health import boot_id
from arkes_build.sysroot.fallen import Fallen
from arkes_build.sysroot.fallen import write as keep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.machine import Host
    from arkes_build.sysroot.esp import Synced
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot

_LINES = 12
_LINE = 200
_PATIENCE = 30
NO_RECORD = "it died before it could leave a note: kernel, initramfs, init or soon after"
NO_REASON = "it did not reach boot-complete.target"


def wake(host: Host) -> tuple[tuple[Fallen, ...], Synced]:
    """Do all that is to be done at a boot; return who fell, and what the sync did.

    Done again it does nothing. Raises what ``sync`` raises.
    """
    sysroot = host.sysroot()
    with sysroot.changing():
        deployments = sysroot.deployments()
        fell = tuple(_set_aside(host, sysroot, each) for each in fallen_of(deployments))
        for one in fell:
            _note(host, one, next(each for each in deployments if each.is_booted))
        synced = sysroot.sync()
        for each in sysroot.deployments():
            if each.is_booted and not each.is_blessed:
                attempt = tries.Try(boot=boot_id(host), when=int(host.clock()))
                tries.began(host.var, each.name, attempt)
    return fell, synced


def fallen_of(deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """Return those that would have booted instead of the running one, had they any try left."""
    at = next((each.index for each in deployments if each.is_booted), 0)
    return tuple(each for each in deployments if each.index < at and each.tries == 0)


def _set_aside(host: Host, sysroot: Sysroot, deployment: Deployment) -> Fallen:
    """Keep why a deployment fell, and undeploy it; one that is pinned stays behind the others."""
    fallen = _explained(host, deployment)
    is_kept = False
    with suppress(DiskFull):
        keep(host.var, fallen)
        is_kept = True
    journal.send(
        host,
        journal.Message.BOOT_FELL_BACK,
        f"{deployment.version or deployment.checksum[:12]} did not come up: {fallen.reason}",
        priority=journal.Priority.ERROR,
        commit=deployment.checksum,
        version=deployment.version,
        ref=deployment.ref,
        reason=fallen.reason,
    )
    if deployment.is_pinned:
        running = next(each for each in sysroot.deployments() if each.is_booted)
        sysroot.set_default(running)
    else:
        sysroot.undeploy(deployment)
    if not is_kept:
        # On a full disk the release had to go first, to make room for why it went.
        keep(host.var, fallen)
    tries.forget(host.var, deployment.name)
    return fallen


def _note(host: Host, fallen: Fallen, running: Deployment) -> None:
    """Write down where the machine went: `os revert` has nothing more to undo."""
    records.append(
        host,
        action="fell-back",
        before=fallen.commit,
        after=running.checksum,
        version=running.version,
        ref=running.ref,
        detail=f"{fallen.version or fallen.commit[:12]}: {fallen.reason}",
    )


def _explained(host: Host, deployment: Deployment) -> Fallen:
    boots = tries.read(host.var, deployment.name)
    reasons = [each.reason for each in boots if each.reason]
    known = NO_REASON if boots else NO_RECORD
    return Fallen(
        commit=deployment.checksum,
        version=deployment.version,
        ref=deployment.ref,
        when=int(host.clock()),
        reason=reasons[-1] if reasons else known,
        tries=deployment.tries_done,
        lines=_last_lines(boots[-1].boot) if boots else (),
    )


def _last_lines(boot: str) -> tuple[str, ...]:
    """Return the end of a boot's journal; nothing when it was never written to the disk."""
    argv = ("journalctl", "-q", "-b", boot, "-n", str(_LINES), "-o", "short-monotonic")
    try:
        ended = run((*argv, "--no-hostname", "--no-pager"), timeout=_PATIENCE, check=False)
    except (ArkesError, OSError):
        return ()
    return () if ended.code else tuple(line[:_LINE] for line in ended.output.splitlines())

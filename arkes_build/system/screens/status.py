"""Draw the state of a machine: first the answer, then the deployments, then what to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.host.status import Role
from arkes_build.system.screens.actions import action_shape
from arkes_build.system.screens.words import SHORT, commit_of, full_name, moment, name_of, vouched
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.host.health import Health
    from arkes_build.host.status import Shown, Status
    from arkes_build.host.updates.remembered import Remembered
    from arkes_build.store.trust import Signature
    from arkes_build.sysroot.fallen import Fallen
    from arkes_build.ui.documents.machine import (
        MachineDeployment,
        MachineHealth,
        MachineStatusDocument,
    )
    from arkes_build.ui.documents.trust import Signature as SignatureShape
    from arkes_build.ui.screen import Screen

_STYLES = {Role.STAGED: Style.STRONG, Role.NEXT: Style.STRONG, Role.RUNNING: Style.GOOD}
_UNLOCKED = {
    "development": "/usr is writable until the next boot (`os unlock`)",
    "transient": "/usr is writable until the next boot (`os unlock`)",
    "hotfix": "/usr is writable, and changes of it stay as long as this deployment does "
    "(`os unlock --hotfix`)",
}


def status_lines(status: Status, screen: Screen) -> list[str]:
    """Return the state of a machine as lines."""
    grid = Grid(titles=("", "VERSION", "COMMIT", "MADE"), telling="WHAT IS KNOWN")
    follows = _follows(status)
    rows = [_row(each, status, follows) for each in status.deployments]
    notes = [line for note in _notes(status) for line in _wrapped(note, screen)]
    return [
        *_headline(status, screen),
        *([f"Updates come from {follows}."] if follows else []),
        "",
        *grid.draw(rows, screen),
        *(["", *notes] if notes else []),
    ]


def _follows(status: Status) -> str:
    """Return where upgrades come from: what boots next says so."""
    first = status.deployments[0].deployment if status.deployments else None
    return safe(first.base or first.ref) if first is not None else ""


def _headline(status: Status, screen: Screen) -> list[str]:
    running, coming = status.running, status.coming
    if running is None:
        return ["Nothing of this is running here."]
    health, style = _well(status.health)
    lines = [screen.paint(f"{name_of(running.deployment)} is running{health}.", style)]
    if coming is not None:
        name = full_name(coming.deployment, [each.deployment for each in status.deployments])
        lines.append(screen.paint(f"{name} {_comes(coming, running)}.", Style.STRONG))
    return lines


def _comes(coming: Shown, running: Shown) -> str:
    """Say how what is not running comes to run; one whose kernel is lost does not."""
    if coming.role is Role.STAGED:
        return "is staged: reboot to finish"
    # Of whoever may not read the boot menu the running one has no entry either.
    if _is_offered(coming) or not _is_offered(running):
        return "boots next"
    return "is not in the boot menu, so it does not boot: `sudo os boot sync` says why"


def _is_offered(shown: Shown) -> bool:
    return shown.deployment.is_blessed or shown.deployment.tries is not None


def _well(health: Health | None) -> tuple[str, Style | None]:
    if health is None:
        return "; its health was not looked at yet", None
    if health.is_well:
        return ", and is well", Style.GOOD
    return f", but {counted(len(health.failed), 'health check')} failed", Style.BAD


def _row(shown: Shown, status: Status, follows: str) -> Row:
    deployment = shown.deployment
    cells = (
        shown.role.value,
        safe(deployment.version) or "-",
        commit_of(deployment, [each.deployment for each in status.deployments]),
        moment(deployment.timestamp),
    )
    return Row(
        cells=cells,
        telling=("; ".join(_known(shown, status.running, follows)),),
        styles=(_STYLES.get(shown.role),),
    )


def _known(shown: Shown, running: Shown | None, follows: str) -> Iterator[str]:
    deployment = shown.deployment
    if deployment.is_pinned:
        yield "pinned"
    if deployment.tries is not None:
        yield f"{counted(deployment.tries, 'try', 'tries')} left to come up"
    source = safe(deployment.base or deployment.ref)
    if source and source != follows:
        yield source
    if deployment.base:
        yield "with this machine's Systemfile"
    if running is not None and deployment.kargs != running.deployment.kargs:
        yield "other kernel arguments"
    if shown.facts.packages:
        yield counted(shown.facts.packages, "package")
    yield vouched(shown.signatures, is_built_here=bool(deployment.base))
    if deployment.unlocked != "none":
        yield f"unlocked ({deployment.unlocked})"


def _notes(status: Status) -> Iterator[str]:
    if status.busy is not None:
        yield f"{safe(str(status.busy))} is changing this machine now"
    if status.health is not None:
        yield from (f"health check {safe(each.brief)}" for each in status.health.failed)
    if status.available is not None:
        yield _offered(status.available)
    running = status.running
    if running is not None and running.deployment.unlocked in _UNLOCKED:
        yield _UNLOCKED[running.deployment.unlocked]
    yield from (_fell(each) for each in status.fallen)
    last = status.last
    if last is not None and last.result != "ok":
        yield f"the last {safe(last.action)} failed on {moment(last.when)}: {safe(last.detail)}"
    if status.has_systemfile and running is not None and not running.deployment.base:
        yield "/etc/system/Systemfile is not part of what runs: `os upgrade` builds it"


def _offered(found: Remembered) -> str:
    name = safe(found.version) or found.commit[:SHORT]
    return (
        f"{name} ({found.commit[:SHORT]}) can be taken, as of {moment(found.when)}: "
        "`os upgrade --plan` shows what it brings"
    )


def _fell(fallen: Fallen) -> str:
    name = safe(fallen.version) or fallen.commit[:SHORT]
    return (
        f"{name} ({fallen.commit[:SHORT]}) fell on {moment(fallen.when)} after "
        f"{counted(fallen.tries, 'try', 'tries')}: {safe(fallen.reason)}; "
        "`os upgrade --again` takes it once more"
    )


def _wrapped(note: str, screen: Screen) -> list[str]:
    if screen.width is None:
        return [f"note: {note}"]
    first, *rest = wrap(f"note: {note}", screen.width - 6)
    return [first, *(f"      {line}" for line in rest)]


def status_shape(status: Status) -> MachineStatusDocument:
    """Return the state of a machine as JSON."""
    return {
        "schema": SCHEMA,
        "type": "machine-status",
        "needs_reboot": status.coming is not None and status.running is not None,
        "deployments": [_deployment(each) for each in status.deployments],
        "fallen": [
            {
                "commit": each.commit,
                "version": each.version,
                "ref": each.ref,
                "when": each.when,
                "reason": each.reason,
                "tries": each.tries,
            }
            for each in status.fallen
        ],
        "health": _health(status.health) if status.health is not None else None,
        "available": {
            "commit": status.available.commit,
            "version": status.available.version,
            "ref": status.available.ref,
            "when": status.available.when,
        }
        if status.available is not None
        else None,
        "systemfile": status.has_systemfile,
        "last": action_shape(status.last) if status.last is not None else None,
        "busy": {
            "pid": status.busy.pid,
            "doing": status.busy.doing,
            "user": status.busy.user,
            "since": status.busy.since,
        }
        if status.busy is not None
        else None,
    }


def _deployment(shown: Shown) -> MachineDeployment:
    deployment = shown.deployment
    return {
        "role": shown.role.value,
        "commit": deployment.checksum,
        "serial": deployment.serial,
        "node": deployment.node,
        "version": deployment.version,
        "ref": deployment.ref,
        "base": deployment.base,
        "timestamp": deployment.timestamp,
        "packages": shown.facts.packages,
        "kernel": shown.facts.kernel,
        "key": shown.facts.key,
        "image": shown.facts.image,
        "kargs": list(deployment.kargs),
        "booted": deployment.is_booted,
        "pinned": deployment.is_pinned,
        "unlocked": deployment.unlocked,
        "blessed": deployment.is_blessed,
        "tries": deployment.tries,
        "signatures": [_signature(each) for each in shown.signatures],
    }


def _health(health: Health) -> MachineHealth:
    return {
        "well": health.is_well,
        "when": health.when,
        "checks": [
            {
                "name": each.name,
                "result": "passed" if each.is_well else "failed",
                "seconds": each.seconds,
                "why": "" if each.is_well else each.brief.partition(": ")[2],
            }
            for each in health.checks
        ],
    }


def _signature(signature: Signature) -> SignatureShape:
    return {
        "state": signature.state.value,
        "key": signature.key,
        "owner": signature.owner,
        "timestamp": signature.timestamp,
    }

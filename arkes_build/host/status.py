"""Gather what a person wants to know of a machine: what runs, what comes next, what fell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.facts import Facts
    from arkes_build.host.health import Health
    from arkes_build.host.lock import Holder
    from arkes_build.host.machine import Host
    from arkes_build.host.records import Record
    from arkes_build.host.updates.remembered import Remembered
    from arkes_build.store.trust import Signature
    from arkes_build.sysroot.fallen import Fallen
    from arkes_build.sysroot.model import Deployment


class Role(Enum):
    """Say what a deployment is to the machine now."""

    STAGED = "staged"
    """Comes into place at shutdown, and boots then."""
    NEXT = "next"
    """Is in place and boots next, and something else is running."""
    RUNNING = "running"
    PREVIOUS = "previous"
    """What `os rollback` would go to."""
    KEPT = "kept"
    """Can be chosen in the boot menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A deployment with its role, and what its commit and its signatures say."""

    deployment: Deployment
    role: Role
    facts: Facts
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known of the machine; ``last`` is the newest thing that was done to it.

    ``health`` is that of this boot, None before it was asked; ``available`` what the last
    look for updates found that is not here yet.
    """

    deployments: tuple[Shown, ...]
    health: Health | None
    fallen: tuple[Fallen, ...]
    available: Remembered | None
    last: Record | None
    busy: Holder | None
    has_systemfile: bool

    @property
    def running(self) -> Shown | None:
        """Return the deployment that runs; None below a folder."""
        return next((each for each in self.deployments if each.deployment.is_booted), None)

    @property
    def coming(self) -> Shown | None:
        """Return what boots next when that is something else than what runs."""
        roles = (Role.STAGED, Role.NEXT)
        return next((each for each in self.deployments if each.role in roles), None)


def role_of(deployment: Deployment, deployments: Sequence[Deployment]) -> Role:
    """Return what a deployment is, among all of them in their order."""
    if deployment.is_booted:
        return Role.RUNNING
    if deployment.is_staged:
        return Role.STAGED
    if deployment.index == 0:
        return Role.NEXT
    previous = previous_of(deployments)
    return Role.PREVIOUS if previous == deployment else Role.KEPT


def previous_of(deployments: Sequence[Deployment]) -> Deployment | None:
    """Return the deployment to go back to: what comes behind the one that boots next.

    While something else than the running one boots next, that is the running one.
    """
    settled = [each for each in deployments if not each.is_staged]
    if settled and settled[0].is_booted:
        return settled[1] if len(settled) > 1 else None
    return next((each for each in settled if each.is_booted), None) or (
        settled[1] if len(settled) > 1 else None
    )


def default_of(deployments: Sequence[Deployment]) -> Deployment:
    """Return the deployment that boots next; raises ``NothingDeployed``."""
    from arkes_build.host.machine import NothingDeployed

    if not deployments:
        raise NothingDeployed
    return deployments[0]


def gather(host: Host) -> Status:
    """Return what is known of a machine. Whoever may read its files may ask; nothing waits."""
    from arkes_build.host import lock, records
    from arkes_build.host.facts import facts_of, signatures_of
    from arkes_build.sysroot import fallen

    sysroot = host.sysroot()
    deployments = sysroot.deployments()
    signatures = signatures_of(sysroot.repo, [each.checksum for each in deployments], host.keyrings)
    done = records.read(host)
    return Status(
        deployments=tuple(
            Shown(
                deployment=each,
                role=role_of(each, deployments),
                facts=facts_of(sysroot.repo, each.checksum),
                signatures=signatures[each.checksum],
            )
            for each in deployments
        ),
        health=_health(host),
        fallen=fallen.read(host.var),
        available=_available(host, deployments),
        last=done[-1] if done else None,
        busy=lock.holder(host),
        has_systemfile=host.systemfile.is_file(),
    )


def _health(host: Host) -> Health | None:
    """Return how this boot is; what an earlier one was says nothing about it."""
    from arkes_build.host import health

    found = health.read(host)
    return found if found is not None and found.boot == health.boot_id(host) else None


def _available(host: Host, deployments: Sequence[Deployment]) -> Remembered | None:
    """Return what could be taken, as far as the last look knew; not what was taken since."""
    from arkes_build.host.updates import remembered

    found = remembered.read(host)
    if found is None or not found.is_available:
        return None
    return None if found.commit in {each.checksum for each in deployments} else found

"""Remove the deployments and objects that nothing needs any more.

What stays: the deployment that runs, the one that boots next, a staged one, the one to go back
to, and those that somebody pinned; of refs those that a remaining deployment follows, and all
that are the machine's own. What a download that was cut short left goes too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.delivery.keeping import staging
from arkes_build.delivery.keeping.objects import weigh
from arkes_build.history.commits import History
from arkes_build.host.updates.usage import object_sizes, objects
from arkes_build.store.binding import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot

_BOOTED = "run/ostree-booted"
"""libostree's mark that a deployment runs."""
_OWN = "ostree/"
"""Refs below it are libostree's: one for each deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """What nothing needs; ``objects`` are so many, ``size`` what they take on the disk."""

    deployments: tuple[Deployment, ...]
    refs: tuple[str, ...]
    objects: int
    size: int

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to remove."""
        return not (self.deployments or self.refs or self.objects)


class DeploymentsUnseen(ArkesError):
    """Report a list of deployments that cannot be all there are."""

    exit_code = ExitCode.SYSTEM

    def __init__(self) -> None:
        super().__init__(
            "the deployment that runs is not in the list, so nobody knows what is needed",
            details="nothing was removed; libostree keeps its list in /boot/loader",
            resolution="look whether /boot is that of this system",
        )


def foresee_clearing(host: Host, sysroot: Sysroot) -> Clearing:
    """Return what `clear` would remove. Nothing is changed.

    Raises ``DeploymentsUnseen``: with a list that is empty, or without what runs, all that
    the machine has would count as not needed.
    """
    found = sysroot.deployments()
    is_running = (host.root / _BOOTED).exists()
    if not found or (is_running and not any(each.is_booted for each in found)):
        raise DeploymentsUnseen
    gone = unneeded(found)
    stays = [each for each in found if each not in gone]
    with told(host.repo.parent, doing="listing refs"):
        refs: dict[str, str] = sysroot.repo.list_refs(None, None)[1]
    loose = tuple(sorted(name for name in refs if _is_loose(name, stays)))
    history = History(host.repo)
    needed = {each.checksum for each in stays}
    needed |= {refs[name] for name in refs if name not in loose and not name.startswith(_OWN)}
    kept = _kept(history, needed)
    sizes = object_sizes(host.repo)
    free = {name: taken for name, taken in sizes.items() if name not in kept}
    halves = weigh(staging.files(host.repo))
    return Clearing(
        deployments=gone,
        refs=loose,
        objects=len(free) + halves.files,
        size=sum(free.values()) + halves.disk,
    )


def unneeded(deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """Return the deployments that nothing keeps."""
    return tuple(
        each
        for each in deployments
        if each.index
        and not (each.is_booted or each.is_staged or each.is_rollback or each.is_pinned)
    )


def clear(host: Host, sysroot: Sysroot, clearing: Clearing) -> None:
    """Remove what was foreseen; the boot menu follows each step before anything it needs goes.

    Whenever it is ended, every boot entry has its deployment, and the next call goes on.
    """
    with sysroot.changing():
        for each in clearing.deployments:
            sysroot.undeploy(each)
        with told(host.repo.parent, doing="removing refs"):
            for name in clearing.refs:
                remote, _, ref = name.rpartition(":")
                sysroot.repo.set_ref_immediate(remote or None, ref, None, None)
        staging.clear(host.repo)
        sysroot.clean()


def _is_loose(name: str, stays: Iterable[Deployment]) -> bool:
    """Tell whether a ref is that of a remote which no deployment follows."""
    if name.startswith(_OWN) or ":" not in name:
        return False
    return all(name not in (each.ref, each.base) for each in stays)


def _kept(history: History, commits: Iterable[str]) -> set[str]:
    kept: set[str] = set()
    for commit in commits:
        if history.has(commit):
            kept |= objects(history, commit)
            kept.add(f"{commit}.commitmeta")
    return kept

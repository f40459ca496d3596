"""Look what is offered to this machine; nothing is written, so everybody may look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.host.machine import NothingDeployed
from arkes_build.host.updates.following import Following, following
from arkes_build.host.updates.outlook import Outlook, Release, State

if TYPE_CHECKING:
    from arkes_build.delivery.trust.offered import Offered
    from arkes_build.host.machine import Host
    from arkes_build.store.trust import Keyrings
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot

_BASE = "arkes.base"
"""What a release of the machine's own says of the one it stands on (``host/building.py``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an upgrade begins: the deployment it replaces, what that follows, its release.

    ``commit`` is that of the deployment, or of the release that it was built on here.
    """

    deployment: Deployment
    follows: Following
    commit: str
    builds: bool

    @property
    def fits(self) -> bool:
        """Tell whether the deployment was made the way the next one will be."""
        return bool(self.deployment.base) == self.builds


def place(host: Host, sysroot: Sysroot) -> Place:
    """Return where an upgrade begins: with what runs, in a plain folder with the default.

    Raises ``NothingDeployed``, ``FollowsNothing``.
    """
    now = current(sysroot)
    return Place(
        deployment=now,
        follows=following(host, now),
        commit=base_commit(sysroot, now.checksum) if now.base else now.checksum,
        builds=host.systemfile.is_file(),
    )


def current(sysroot: Sysroot) -> Deployment:
    """Return what runs, in a plain folder what would boot; raises ``NothingDeployed``."""
    found = sysroot.deployments()
    ready = (each for each in found if not each.is_staged)
    now = next((each for each in found if each.is_booted), None) or next(ready, None)
    if now is None:
        raise NothingDeployed
    return now


def base_commit(sysroot: Sysroot, commit: str) -> str:
    """Return the release that a commit was built on here; the commit itself when it was not."""
    from arkes_build.store.binding import binding
    from arkes_build.store.metadata import text

    try:
        return text(sysroot.repo.load_commit(commit)[1], _BASE) or commit
    except binding().glib.Error:
        return commit  # it was pruned


def look_ahead(host: Host, sysroot: Sysroot) -> Outlook:
    """Return what is offered, verified, and what it would change here.

    When it runs already, or waits for the next boot, only the source's signed summary is
    fetched. Raises ``SourceAway``, ``SourceBroken``, ``RefUnknown``, a ``Distrusted``, and what
    ``place`` raises.
    """
    from arkes_build.delivery.trust.offered import look
    from arkes_build.host.updates.reaching import reached

    here = place(host, sysroot)
    url, ref = here.follows.url, here.follows.ref
    with reached(), look(host.repo, url, ref, keyrings=host.keyrings) as (offered, rings):
        state = _state(host, sysroot, here, offered.commit)
        if state is not None:
            return _short(here, offered, state)
        return _whole(host, sysroot, here, offered, rings)


def _state(host: Host, sysroot: Sysroot, here: Place, offered: str) -> State | None:
    """Return how a commit stands that is deployed already; None when it is not."""
    for each in sysroot.deployments():
        if each.name == here.deployment.name:
            break
        # What is before the one that runs was put there to boot next.
        base = base_commit(sysroot, each.checksum) if each.base else each.checksum
        if base == offered and bool(each.base) == here.builds:
            return State.REBUILD if _is_to_build(host, each, base) else State.STAGED
    if offered != here.commit or not here.fits:
        return None
    is_old = _is_to_build(host, here.deployment, here.commit)
    return State.REBUILD if is_old else State.CURRENT


def _is_to_build(host: Host, deployment: Deployment, base: str) -> bool:
    """Tell whether the machine's own release is to be another than a deployment.

    Only root may read what was built with, so for others an edited Systemfile does not show.
    """
    from arkes_build.store.refs import read
    from arkes_build.sysroot.fallen import is_fallen

    if not deployment.base:
        return False
    built = read(host.repo, deployment.ref)
    if built and built != deployment.checksum and not is_fallen(host.var, built):
        return True
    if host.uid() != 0:
        return False
    from arkes_build.host.building import plan_machine
    from arkes_build.plan.actions import ActionType

    return plan_machine(host, base)[0].type is not ActionType.REUSE


def _short(here: Place, offered: Offered, state: State) -> Outlook:
    now = here.deployment
    release = Release(commit=offered.commit, version="", timestamp=0)
    running = Release(commit=here.commit, version=now.version, timestamp=now.timestamp)
    return Outlook(
        ref=offered.ref,
        url=offered.source,
        state=state,
        before=running,
        after=release if state is State.STAGED else running,
        fetched=offered.fetched,
        is_here=True,
        builds=here.builds,
    )


def _whole(host: Host, sysroot: Sysroot, here: Place, offered: Offered, rings: Keyrings) -> Outlook:
    from arkes_build.host.updates.foresight import Standing, foresee, is_whole

    # The release that the machine's own stands on may be gone; then what runs is compared.
    base, own = here.commit, here.deployment.checksum
    commit = base if is_whole(host.repo, base) else own
    standing = Standing(repository=host.repo, tree=here.deployment.path, commit=commit)
    found = replace(foresee(offered, rings, standing), builds=here.builds)
    why = _fell(host, sysroot, found.after)
    return found if why is None else replace(found, state=State.FALLEN, fallen_because=why)


def _fell(host: Host, sysroot: Sysroot, release: Release) -> str | None:
    """Return why a release fell here, or what was built on it; None when it did not."""
    from arkes_build.sysroot.fallen import read

    for one in read(host.var):
        base, _, local = one.version.partition("+local.")
        same = one.commit == release.commit
        if same or base_commit(sysroot, one.commit) == release.commit:
            return one.reason
        if local and base == release.version:
            return one.reason
    return None

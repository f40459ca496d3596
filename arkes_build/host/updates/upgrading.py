"""Bring this machine to what is offered: pull, build its own Systemfile on it, deploy.

Until the last step nothing that boots is touched. The lock is held by the caller.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, DiskFull
from arkes_build.core.events import silent
from arkes_build.host import journal, records
from arkes_build.host.acting import kind_of
from arkes_build.host.updates.errors import EtcBlocked, RanFull, ReleaseFell, ReleaseOlder, named
from arkes_build.host.updates.looking import place
from arkes_build.host.updates.outlook import State
from arkes_build.host.updates.room import must_fit
from arkes_build.sysroot.model import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.events import Sink
    from arkes_build.host.machine import Host
    from arkes_build.host.updates.looking import Place
    from arkes_build.host.updates.outlook import Outlook
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How an upgrade is wanted."""

    download_only: bool = False
    again: bool = False
    """Take also what fell here."""
    allow_downgrade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an upgrade did; ``commit`` is what boots next, or was only downloaded.

    ``is_staged`` says that it is finished at shutdown.
    """

    commit: str
    version: str
    seconds: float
    is_deployed: bool
    is_staged: bool


def refuse(outlook: Outlook, request: Request) -> None:
    """Raise why an offer is not taken: ``ReleaseFell``, ``ReleaseOlder``, ``EtcBlocked``."""
    if outlook.state is State.FALLEN and not request.again:
        raise ReleaseFell(outlook.after, why=outlook.fallen_because)
    is_older = outlook.after.timestamp < outlook.before.timestamp
    if is_older and outlook.has_something and not request.allow_downgrade:
        raise ReleaseOlder(outlook.after, outlook.before)
    if outlook.blocked:
        raise EtcBlocked(outlook.blocked)


def take(
    host: Host,
    sysroot: Sysroot,
    outlook: Outlook,
    request: Request,
    *,
    on_progress: Callable[[str], None] = lambda _text: None,
    sink: Sink = silent,
) -> Taken:
    """Take what is offered, and write down how it went.

    Raises what ``refuse`` raises, ``NoRoom``, ``RanFull``, ``SourceAway``, a
    ``Distrusted``, and what the build of a Systemfile and the deployment have to say. Then
    the machine boots what it would have booted before.
    """
    refuse(outlook, request)
    must_fit(host.repo, outlook)
    begin = time.monotonic()
    try:
        taken = _taken(host, sysroot, outlook, request, begin, on_progress, sink)
    except (ArkesError, KeyboardInterrupt) as error:
        _tell_failure(host, outlook, error, time.monotonic() - begin)
        raise
    _tell(host, outlook, taken)
    return taken


def _taken(
    host: Host,
    sysroot: Sysroot,
    outlook: Outlook,
    request: Request,
    begin: float,
    on_progress: Callable[[str], None],
    sink: Sink,
) -> Taken:
    here = place(host, sysroot)
    with sysroot.changing():
        if outlook.state is not State.REBUILD:
            _pull(host, here, outlook, on_progress)
        commit, version = outlook.after.commit, outlook.after.version
        if request.download_only:
            return Taken(
                commit=commit,
                version=version,
                seconds=time.monotonic() - begin,
                is_deployed=False,
                is_staged=False,
            )
        origin = Origin(refspec=here.follows.refspec)
        if here.builds:
            from arkes_build.host.building import build_machine

            built = build_machine(host, commit, sink)
            commit, version = built.commit, built.version
            origin = Origin(refspec=built.ref, base=here.follows.refspec)
        on_progress(f"deploying {version or commit[:12]}")
        try:
            made = _deployed(sysroot, commit, origin, here)
        except DiskFull as error:
            left = "what was downloaded is kept for the next time"
            raise RanFull(outlook.after, doing="deployed", left=left) from error
    return Taken(
        commit=made.checksum,
        version=version,
        seconds=time.monotonic() - begin,
        is_deployed=True,
        is_staged=made.is_staged,
    )


def _deployed(sysroot: Sysroot, commit: str, origin: Origin, here: Place) -> Deployment:
    """Stage a commit beside what runs; where nothing runs (a plain folder), deploy it."""
    if here.deployment.is_booted:
        return sysroot.stage(commit, origin=origin)
    return sysroot.deploy(commit, origin=origin, stateroot=here.deployment.stateroot)


def _pull(host: Host, here: Place, outlook: Outlook, on_progress: Callable[[str], None]) -> None:
    """Bring the release that was looked at, although a newer one may be offered by now."""
    from arkes_build.delivery.keeping.staging import clear
    from arkes_build.delivery.trust.verified import pull
    from arkes_build.host.updates.reaching import reached

    follows = here.follows
    try:
        with reached():
            pull(
                host.repo,
                follows.url,
                lambda _known: (follows.ref,),
                keyrings=host.keyrings,
                remote=follows.remote,
                expected={follows.ref: outlook.after.commit},
                on_progress=on_progress,
            )
    except DiskFull as error:
        # What else runs here needs the room that the half of a release takes.
        clear(host.repo)
        left = "what had been fetched is gone again"
        raise RanFull(outlook.after, doing="downloaded", left=left) from error


def _tell(host: Host, outlook: Outlook, taken: Taken) -> None:
    records.append(
        host,
        action="upgrade" if taken.is_deployed else "download",
        before=outlook.before.commit,
        after=taken.commit,
        version=taken.version,
        ref=outlook.ref,
        seconds=taken.seconds,
        size=0 if outlook.is_here else outlook.cost.download or 0,
    )
    if taken.is_deployed:
        journal.send(
            host,
            journal.Message.UPDATE_STAGED,
            f"{taken.version or taken.commit[:12]} is ready for the next boot",
            priority=journal.Priority.NOTICE,
            version=taken.version,
            commit=taken.commit,
            ref=outlook.ref,
        )


def _tell_failure(host: Host, outlook: Outlook, error: BaseException, seconds: float) -> None:
    result, brief = "interrupted", "somebody ended it"
    if isinstance(error, ArkesError):
        result, brief = kind_of(error), error.brief
    records.append(
        host,
        action="upgrade",
        result=result,
        before=outlook.before.commit,
        after=outlook.after.commit,
        version=outlook.after.version,
        ref=outlook.ref,
        seconds=seconds,
        detail=brief,
    )
    journal.send(
        host,
        journal.Message.UPDATE_FAILED,
        f"The update to {named(outlook.after)} failed: {brief}",
        priority=journal.Priority.ERROR,
        version=outlook.after.version,
        commit=outlook.after.commit,
    )

"""Test the way of a release: an older one boots, upgrades, is looked at, and comes back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from arkes_build.core.events import silent
from arkes_build.trial.falling import Trial
from arkes_build.trial.run import reported
from arkes_build.trial.session import Session

if TYPE_CHECKING:
    from arkes_build.core.events import Sink
    from arkes_build.trial.model import Report, Subject
    from arkes_build.trial.run import Started
    from arkes_build.trial.session import Clock, Order

UPGRADE_SECONDS = 1800.0
REVERT_SECONDS = 300.0
# The sysroot is read-only but for who remounts it in a namespace of their own.
_REMOTE = """\
mount -o remount,rw /sysroot
set_to() { ostree config --repo=/ostree/repo set --group 'remote "arkes"' "$@"; }
set_to url "$1"
set_to gpg-verify true
set_to gpg-verify-summary true
"""


def run(
    order: Order,
    old: Subject,
    address: str,
    started: Started,
    sink: Sink = silent,
    *,
    clock: Clock = time.monotonic,
) -> Report:
    """Test an upgrade from ``old`` to what the order is about, and the way back.

    The machine was started with a disk of ``old``; ``address`` is where the guest finds
    the updates. What fails ends the way, because nothing behind it would mean anything.
    """
    begin = clock()
    session = Session(machine=started.machine, order=order, sink=sink, clock=clock)
    _way(session, order.subject, old, address)
    session.stage = ""
    session.look_at_console()
    return reported(session, started, clock() - begin, upgraded_from=old.commit)


def _way(session: Session, new: Subject, old: Subject, address: str) -> None:
    session.stage = "before"
    if not session.boot(old) or session.has_failed:
        return
    script = ("unshare", "--mount", "/bin/sh", "-ec", _REMOTE, "sh", address)
    if not session.do("updates come from here", script, REVERT_SECONDS):
        return
    if not session.do("os upgrade", ("os", "upgrade"), UPGRADE_SECONDS):
        return
    session.stage = "upgraded"
    if not session.boot(new, is_again=True, wait=_trial(session, new)):
        return
    session.examine(new)
    if session.is_gone or not session.do("os revert", ("os", "revert"), REVERT_SECONDS):
        return
    session.stage = "reverted"
    if session.boot(old, is_again=True, wait=_trial(session, old)):
        session.examine(old)


def _trial(session: Session, subject: Subject) -> Trial:
    return Trial(machine=session.machine, commit=subject.commit, clock=session.clock)

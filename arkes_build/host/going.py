"""Go back and forth between the deployments that are there.

`revert` undoes what was done last; `rollback` chooses the other deployment. Where an upgrade
has just been booted the two do the same. They differ in every other case:

1. an upgrade is staged: revert gives it up; rollback refuses, for what is it to choose?
2. the entry before was booted by hand: revert lets that stay; so does rollback.
3. the last upgrade was undone already: revert refuses; rollback goes forth again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host import records
from arkes_build.host.acting import acting
from arkes_build.host.journal import Message
from arkes_build.host.naming import title
from arkes_build.host.status import default_of, previous_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.acting import Account
    from arkes_build.host.machine import Host
    from arkes_build.host.records import Record
    from arkes_build.sysroot.model import Deployment

_UNDOING = frozenset({"revert", "fell-back"})
"""Actions that undo the last upgrade: somebody's, and the machine's own (``booting/waking.py``)."""
_CHANGES = _UNDOING | {"upgrade", "deploy", "rebase", "kargs", "rollback"}
"""Actions after which something else boots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Where a command went: ``before`` would have booted next, ``after`` does now.

    ``is_staged`` says that ``after`` comes into place at shutdown, ``dropped`` that
    ``before`` was only staged and is gone.
    """

    action: str
    before: Deployment
    after: Deployment
    is_staged: bool = False
    dropped: bool = False
    signer: str = ""

    @property
    def needs_reboot(self) -> bool:
        """Tell whether something else has to run than does."""
        return not self.after.is_booted


class NothingToRevert(ArkesError):
    """Report that there is no upgrade that could be undone."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, deployments: Sequence[Deployment], *, done: Deployment | None) -> None:
        other = previous_of(deployments)
        if done is not None:
            name = title(done, deployments)
            brief = f"the last upgrade is undone already: {name} boots next"
        else:
            brief = "there is no upgrade to undo: this machine has one deployment"
        super().__init__(
            brief,
            resolution=f"`sudo os rollback` goes to {title(other, deployments)}"
            if other
            else "`sudo os deploy VERSION` goes to an earlier release",
        )


class NothingBefore(ArkesError):
    """Report that there is no other deployment."""

    exit_code = ExitCode.SYSTEM

    def __init__(self) -> None:
        super().__init__(
            "there is nothing to go back to: this machine has one deployment",
            resolution="`sudo os deploy VERSION` goes to an earlier release",
        )


class StagedWaits(ArkesError):
    """Report that a staged deployment would come in the way."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, staged: Deployment) -> None:
        super().__init__(
            f"{title(staged)} is staged, and comes into place when this machine shuts down",
            resolution="`sudo os revert` gives it up; then call this again if need be",
        )


def revert(host: Host) -> Gone:
    """Undo the last upgrade; raises ``NothingToRevert``. Nothing of ``/var`` changes."""
    with acting(host, "revert", Message.REVERTED) as account:
        sysroot = host.sysroot()
        deployments = sysroot.deployments()
        staged = next((each for each in deployments if each.is_staged), None)
        settled = [each for each in deployments if not each.is_staged]
        if staged is not None and settled:
            sysroot.undeploy(staged)
            gone = Gone(action="revert", before=staged, after=settled[0], dropped=True)
        else:
            after = _before_the_upgrade(deployments, records.read(host))
            sysroot.set_default(after)
            gone = Gone(action="revert", before=deployments[0], after=after)
        _tell(account, gone)
        return gone


def _before_the_upgrade(deployments: Sequence[Deployment], done: Sequence[Record]) -> Deployment:
    """Return what ran before the last upgrade.

    When the one that boots next is running, that is the one behind it. When it is not, then
    the one before was booted by hand, or the upgrade was undone already; which of them, only
    the record of what was done can say. It also knows of an upgrade that never came into place.
    """
    default = default_of(deployments)
    last = next((each for each in reversed(done) if _is_change(each)), None)
    if last is not None and _is_undone(last, deployments):
        raise NothingToRevert(deployments, done=default)
    previous = previous_of(deployments)
    if previous is None:
        raise NothingToRevert(deployments, done=None)
    return previous


def _is_undone(last: Record, deployments: Sequence[Deployment]) -> bool:
    default = deployments[0]
    if last.action in _UNDOING:
        return last.after == default.checksum
    # Without what it led to, the one behind is from before the last upgrade but one.
    is_gone = last.after not in {each.checksum for each in deployments}
    return default.is_booted and is_gone


def _is_change(record: Record) -> bool:
    return record.action in _CHANGES and record.result == "ok"


def rollback(host: Host) -> Gone:
    """Let the other deployment boot from now on; raises ``NothingBefore``, ``StagedWaits``."""
    with acting(host, "rollback", Message.ROLLED_BACK) as account:
        sysroot = host.sysroot()
        deployments = sysroot.deployments()
        default = default_of(deployments)
        if default.is_staged:
            raise StagedWaits(default)
        after = previous_of(deployments)
        if after is None:
            raise NothingBefore
        sysroot.set_default(after)
        gone = Gone(action="rollback", before=default, after=after)
        _tell(account, gone)
        return gone


def _tell(account: Account, gone: Gone) -> None:
    note(account, gone.before, gone.after)
    both = (gone.before, gone.after)
    account.text = f"{title(gone.after, both)} boots next, not {title(gone.before, both)}"


def note(account: Account, before: Deployment, after: Deployment) -> None:
    """Write down from which deployment to which one went."""
    account.before = before.checksum
    account.after = after.checksum
    account.version = after.version
    account.ref = after.ref

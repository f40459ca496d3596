"""Make ``/usr`` writable for a trial: until the next boot, or for as long as the deployment is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host.acting import acting
from arkes_build.host.going import Gone
from arkes_build.host.journal import Message
from arkes_build.host.naming import title

if TYPE_CHECKING:
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment

UNTIL = {False: "the next boot", True: "this deployment is replaced"}


class NothingRuns(ArkesError):
    """Report that no deployment of this machine is running."""

    exit_code = ExitCode.SYSTEM

    def __init__(self) -> None:
        super().__init__(
            "no deployment of this machine is running, so there is nothing to unlock",
            resolution="call this on the machine itself, after it has booted",
        )


class UnlockedAlready(ArkesError):
    """Report a deployment that is unlocked in one way or another."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(
            f"{title(deployment)} is unlocked already ({deployment.unlocked})",
            resolution="a reboot ends it"
            if deployment.unlocked != "hotfix"
            else "the next upgrade ends it; until then /usr can be changed",
        )


def unlock(host: Host, *, hotfix: bool) -> Gone:
    """Unlock the running deployment. Raises ``NothingRuns``, ``UnlockedAlready``.

    libostree's own program does it: the writable layer has to be mounted where all
    processes see it, and a hotfix needs a deployment to fall back to.
    """
    from arkes_build.core import process

    with acting(host, "unlock", Message.UNLOCKED) as account:
        running = host.sysroot().booted
        if running is None:
            raise NothingRuns
        if running.unlocked != "none":
            raise UnlockedAlready(running)
        process.run(["ostree", "admin", "unlock", *(["--hotfix"] if hotfix else [])])
        until = UNTIL[hotfix]
        account.after = running.checksum
        account.version = running.version
        account.ref = running.ref
        account.detail = f"until {until}"
        account.text = f"/usr of {title(running)} is writable until {until}"
        account.fields = {"until": until}
        return Gone(action="unlock", before=running, after=running)

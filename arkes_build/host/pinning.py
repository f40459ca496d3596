"""Keep deployments that would otherwise go when newer ones come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host.acting import acting
from arkes_build.host.journal import Message
from arkes_build.host.naming import matching, named, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment


class StagedPin(ArkesError):
    """Report a pin for a deployment that is not in place yet."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, staged: Deployment) -> None:
        super().__init__(
            f"{title(staged)} is staged: it can be pinned when it is in place",
            resolution="reboot, then pin it",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A deployment that is pinned now, or is not any more; ``is_new`` when that changed."""

    deployment: Deployment
    is_new: bool


def pin(host: Host, word: str, *, on: bool) -> Pinned:
    """Pin a deployment, or let it go. Raises ``DeploymentUnknown``, ``StagedPin``."""
    message = Message.PINNED if on else Message.UNPINNED
    with acting(host, "pin" if on else "unpin", message) as account:
        sysroot = host.sysroot()
        found = _meant(sysroot.deployments(), word, on=on)
        if found.is_staged:
            raise StagedPin(found)
        account.is_nothing = found.is_pinned is on
        if not account.is_nothing:
            sysroot.pin(found, on)
        account.after = found.checksum
        account.version = found.version
        account.ref = found.ref
        account.text = f"{title(found)} is {'pinned' if on else 'no longer pinned'}"
        return Pinned(deployment=replace(found, is_pinned=on), is_new=not account.is_nothing)


def _meant(deployments: Sequence[Deployment], word: str, *, on: bool) -> Deployment:
    """Return the deployment that a word means; of several, the one that would change."""
    other = [each for each in matching(deployments, word) if each.is_pinned is not on]
    return other[0] if len(other) == 1 else named(deployments, word)

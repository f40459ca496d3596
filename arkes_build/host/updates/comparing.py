"""Compare two deployments, or any two releases that this machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.history.changes import changes
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.host.naming import DeploymentAmbiguous, DeploymentUnknown, named, words_for
from arkes_build.host.updates.looking import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.history.model import Changes
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment


class NothingToCompare(ArkesError):
    """Report a machine that has one deployment only."""

    exit_code = ExitCode.SYSTEM

    def __init__(self) -> None:
        super().__init__(
            "this machine has one deployment: there is nothing to compare it with",
            resolution="`os upgrade --plan` compares it with what is offered; `os diff A B` "
            "compares any two releases that were pulled",
        )


def compare(host: Host, before: str = "", after: str = "") -> Changes:
    """Compare two deployments, named by role, number, version, commit or ref.

    Without names what runs is compared with what boots next, and when that is the same, what
    was before with what runs; with one name that with what runs. Raises
    ``NothingToCompare``, ``DeploymentUnknown``, ``DeploymentAmbiguous``.
    """
    sysroot = host.sysroot()
    found = sysroot.deployments()
    history = History(host.repo)
    running = current(sysroot)
    if before:
        pair = (
            _commit(history, found, before),
            (_commit(history, found, after) if after else running.checksum),
        )
    else:
        pair = _pair(found, running)
    return changes(history, *pair)


def _pair(found: Sequence[Deployment], running: Deployment) -> tuple[str, str]:
    if found[0].name != running.name:
        return running.checksum, found[0].checksum
    behind = next((each for each in found if each.is_rollback), None)
    if behind is None:
        raise NothingToCompare
    return behind.checksum, running.checksum


def _commit(history: History, found: Sequence[Deployment], word: str) -> str:
    """Return the commit that a word means: of a deployment, or one of the repository."""
    if word.isdecimal() and int(word) < len(found):
        return found[int(word)].checksum
    if word == "rollback":
        word = "previous"
    try:
        return named(found, word).checksum
    except (DeploymentUnknown, DeploymentAmbiguous):
        try:
            return history.resolve(word)
        except CommitUnknown:
            raise DeploymentUnknown(word, known=words_for(found)) from None

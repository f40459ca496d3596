"""Find the deployment that somebody means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host.status import Role, role_of
from arkes_build.sysroot.model import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.sysroot.model import Deployment

SHOWN = 12
"""Digits of a checksum that people are shown."""
_CHECKSUM = re.compile(r"[0-9a-f]{4,64}(\.\d+)?")
_ROLES = {
    "running": Role.RUNNING,
    "booted": Role.RUNNING,
    "next": Role.NEXT,
    "staged": Role.STAGED,
    "previous": Role.PREVIOUS,
}


class DeploymentUnknown(ArkesError):
    """Report a deployment that is not there."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, word: str, *, known: Sequence[str]) -> None:
        from arkes_build.core.diagnostics import did_you_mean

        super().__init__(
            f"this machine has no deployment {word[:120]!r}",
            resolution=did_you_mean(word, known) or f"it has: {', '.join(known)}",
        )


class DeploymentAmbiguous(ArkesError):
    """Report a word that more than one deployment goes by."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, word: str, *, found: Sequence[Deployment]) -> None:
        names = ", ".join(f"{each.checksum[:SHOWN]}.{each.serial}" for each in found)
        super().__init__(
            f"more than one deployment goes by {word!r}", resolution=f"name one of: {names}"
        )


def is_role(word: str) -> bool:
    """Tell whether a word is what a deployment can be to the machine."""
    return word in _ROLES


def is_checksum(word: str) -> bool:
    """Tell whether a word can be a commit or the beginning of one."""
    return _CHECKSUM.fullmatch(word) is not None


def matching(deployments: Sequence[Deployment], word: str) -> tuple[Deployment, ...]:
    """Return the deployments that a word may mean: a role, a version, a commit's beginning."""
    if word in _ROLES:
        role = _ROLES[word]
        return tuple(each for each in deployments if role_of(each, deployments) is role)
    versions = tuple(each for each in deployments if each.version == word)
    if versions or not is_checksum(word):
        return versions
    return tuple(each for each in deployments if each.name.startswith(word) or _is(each, word))


def named(deployments: Sequence[Deployment], word: str) -> Deployment:
    """Return the one deployment that a word means.

    Raises ``DeploymentUnknown`` or ``DeploymentAmbiguous``.
    """
    found = matching(deployments, word)
    if len(found) > 1:
        raise DeploymentAmbiguous(word, found=found)
    if not found:
        raise DeploymentUnknown(word, known=words_for(deployments))
    return found[0]


def words_for(deployments: Sequence[Deployment]) -> tuple[str, ...]:
    """Return the words that the deployments go by: roles, then versions or else commits."""
    roles = [role_of(each, deployments).value for each in deployments]
    names = [each.version or each.checksum[:SHOWN] for each in deployments]
    return tuple(dict.fromkeys([*(role for role in roles if role in _ROLES), *names]))


def title(deployment: Deployment, others: Sequence[Deployment] = ()) -> str:
    """Return how a deployment is called in a sentence: ``base 2026.11.22 (4f3c2a1b9d00)``.

    Where one of the others has the same commit, its serial number stands behind it.
    """
    names = [name for name in (deployment.node, deployment.version) if name]
    commit = deployment.checksum[:SHOWN]
    if any(each.checksum == deployment.checksum and each != deployment for each in others):
        commit += f".{deployment.serial}"
    return f"{' '.join(names)} ({commit})" if names else commit


def origin_of(deployment: Deployment) -> Origin:
    """Return where a deployment comes from, for another one that is to come from there too."""
    return Origin(refspec=deployment.ref, base=deployment.base)


def _is(deployment: Deployment, word: str) -> bool:
    """Tell whether a word is the beginning of a commit with the serial number behind it."""
    commit, _, serial = word.partition(".")
    return (
        bool(serial) and deployment.checksum.startswith(commit) and serial == str(deployment.serial)
    )

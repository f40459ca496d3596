"""Put what every screen needs into words: deployments, times, signatures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from arkes_build.ui.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.store.trust import Signature
    from arkes_build.sysroot.model import Deployment
    from arkes_build.ui.documents.machine import MachineRelease

SHORT = 12
"""Digits of a commit that people are shown."""


def moment(timestamp: int) -> str:
    """Return a moment in the machine's own time: ``2026-11-22 19:03``."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(timestamp))
    except (OverflowError, ValueError, OSError):
        return "-"


def name_of(deployment: Deployment) -> str:
    """Return how a deployment is called in a sentence: ``base 2026.11.22``."""
    names = [safe(name) for name in (deployment.node, deployment.version) if name]
    return " ".join(names) or deployment.checksum[:SHORT]


def commit_of(deployment: Deployment, others: Iterable[Deployment] = ()) -> str:
    """Return a deployment's commit, with its serial number where others have that commit too."""
    commit = deployment.checksum[:SHORT]
    is_alone = all(
        each.checksum != deployment.checksum or each.serial == deployment.serial for each in others
    )
    return commit if is_alone else f"{commit}.{deployment.serial}"


def full_name(deployment: Deployment, others: Iterable[Deployment] = ()) -> str:
    """Return the name with the commit: ``base 2026.11.22 (4f3c2a1b9d00)``."""
    name = name_of(deployment)
    commit = commit_of(deployment, others)
    return commit if name == deployment.checksum[:SHORT] else f"{name} ({commit})"


def vouched(signatures: Sequence[Signature], *, is_built_here: bool) -> str:
    """Return in words who vouches for a deployment."""
    states = {each.state.value: each for each in reversed(signatures)}
    if "good" in states:
        return f"signed by {_whose(states['good'])}"
    if "bad" in states:
        return "its signature does not fit its content"
    for state, words in _WORTHLESS.items():
        if state in states:
            return f"{words} {_whose(states[state])}"
    return "built here" if is_built_here else "not signed"


_WORTHLESS = {
    "revoked": "signed by a key that was revoked:",
    "expired": "signed by a key that has expired:",
    "unknown": "signed by a key that is not trusted here:",
}


def _whose(signature: Signature) -> str:
    """Return whose signature it is: the name alone where there is one beside an address."""
    name = signature.owner.partition(" <")[0].strip()
    return safe(name or signature.owner or signature.key)


def release_shape(deployment: Deployment) -> MachineRelease:
    """Return the names of a deployment as JSON."""
    return {
        "commit": deployment.checksum,
        "serial": deployment.serial,
        "node": deployment.node,
        "version": deployment.version,
        "ref": deployment.ref,
    }

"""Say what a new lock changes: package by package, in the order of what people must know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from arkes_build.project.lockfile import TargetLock

_KERNEL = re.compile(r"linux(-lts|-zen|-hardened|-rt)?|linux-image-.*|.*-ucode|.*-microcode")


class Kind(Enum):
    """Name what happens to a package."""

    UP = "up"
    DOWN = "down"
    ADDED = "added"
    REMOVED = "removed"
    FILE = "file"
    """The same version in another file: built anew, or from somewhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One package that changes; versions are empty on the side that has none."""

    name: str
    kind: Kind
    before: str
    after: str
    is_kernel: bool = False
    is_security: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMade:
    """One node of a lock: how many packages of how many bytes, and what changes."""

    node: str
    packages: int
    size: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockMade:
    """A lock that was written, or would be."""

    path: str
    is_dry: bool
    is_changed: bool
    nodes: tuple[NodeMade, ...]


def moves(
    old: TargetLock,
    new: TargetLock,
    node: str,
    order: Callable[[str, str], int],
    security: Collection[str] = (),
) -> tuple[Move, ...]:
    """Return what a node's packages change: the kernel, then security fixes, then by name.

    ``order`` compares two versions; ``security`` names the packages whose new version
    comes from a security archive. Nothing for a node that the old lock does not have.
    """
    if node not in old.nodes:
        return ()
    before = {(one.name, one.arch): one for one in old.nodes[node].packages}
    after = {(one.name, one.arch): one for one in new.nodes[node].packages}
    found = []
    for key in sorted(before.keys() | after.keys()):
        ours, theirs = before.get(key), after.get(key)
        if ours == theirs:
            continue
        was, now = ours.version if ours else "", theirs.version if theirs else ""
        found.append(
            Move(
                name=key[0],
                kind=_kind(was, now, order),
                before=was,
                after=now,
                is_kernel=_KERNEL.fullmatch(key[0]) is not None,
                is_security=key[0] in security,
            )
        )
    return tuple(sorted(found, key=lambda m: (not m.is_kernel, not m.is_security, m.name)))


def _kind(before: str, after: str, order: Callable[[str, str], int]) -> Kind:
    if not before:
        return Kind.ADDED
    if not after:
        return Kind.REMOVED
    if before == after:
        return Kind.FILE
    return Kind.UP if order(before, after) < 0 else Kind.DOWN

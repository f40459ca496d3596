"""Say what a deployment is: a tree that this machine can boot, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TRIES = 3
"""How often a deployment that never came up is tried before the one behind it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Say where a deployment comes from.

    ``refspec`` is ``REMOTE:REF``, or a ref of the machine itself when it was built here;
    then ``base`` is the ``REMOTE:REF`` that it was built on.
    """

    refspec: str
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Count the tries of a boot entry: ``left`` to go, ``done`` so far (UAPI.3)."""

    left: int
    done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment of a sysroot; the first of the list is what boots next.

    ``path`` is its tree in the sysroot. ``boot`` is libostree's checksum of its kernel and
    initramfs together. ``tries`` is how many are left while it was never blessed, None when
    it was, or when it has no boot entry (yet); ``tries_done`` is how many there were.
    ``timestamp`` is the commit's, in seconds since 1970. ``unlocked`` is ``none``,
    ``development``, ``transient`` or ``hotfix``.
    """

    index: int
    stateroot: str
    checksum: str
    serial: int
    version: str
    node: str
    ref: str
    base: str
    path: Path
    boot: str
    kargs: tuple[str, ...]
    timestamp: int
    is_booted: bool
    is_staged: bool
    is_rollback: bool
    is_pinned: bool
    unlocked: str
    tries: int | None
    tries_done: int
    is_blessed: bool

    @property
    def name(self) -> str:
        """Return how it is called in ``/ostree/deploy/STATEROOT/deploy``."""
        return f"{self.checksum}.{self.serial}"

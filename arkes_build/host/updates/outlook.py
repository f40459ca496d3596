"""Hold what an update brings, before it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from arkes_build.host.etc.joining import Fate

if TYPE_CHECKING:
    from arkes_build.history.model import NameChange, PackageChange
    from arkes_build.host.etc.joining import Effect


class State(Enum):
    """Say how what is offered stands to what is here."""

    CURRENT = "current"
    """It runs, or is the next to boot already."""
    STAGED = "staged"
    """It waits for the next boot."""
    NEWER = "newer"
    OLDER = "older"
    """What runs is newer by its date."""
    REBUILD = "rebuild"
    """It is here, but this machine's own Systemfile was changed, or built and not deployed."""
    FALLEN = "fallen"
    """It was tried here, and did not come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A commit, and what it says of itself; ``timestamp`` is in seconds since 1970."""

    commit: str
    version: str
    timestamp: int
    kernel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What taking a release costs, in bytes.

    ``download`` and ``disk`` are None when nobody knows before; ``by_delta`` says that a
    static delta brings it, ``is_estimate`` that not all of it was compressed to know.
    ``at_most`` is the size of the whole tree.
    """

    download: int | None
    disk: int | None
    at_most: int = 0
    by_delta: bool = False
    is_estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a release brings to this machine; every tuple is sorted by name or path.

    ``defaults`` are the changed defaults of /etc, with their path there; ``effects`` what
    becomes of local changes that they, or the merge, touch. ``signer`` is whose signature
    was found good, ``fetched`` how many bytes it took to know all this.
    """

    ref: str
    url: str
    state: State
    before: Release
    after: Release
    signer: str = ""
    packages: tuple[PackageChange, ...] = ()
    units: tuple[NameChange, ...] = ()
    users: tuple[NameChange, ...] = ()
    kernel_arguments: tuple[NameChange, ...] = ()
    defaults: tuple[NameChange, ...] = ()
    effects: tuple[Effect, ...] = ()
    cost: Cost = Cost(download=None, disk=None)
    is_here: bool = False
    """Whether all of it was downloaded before."""
    fetched: int = 0
    fallen_because: str = ""
    builds: bool = False
    """Whether this machine's Systemfile is built on it."""

    @property
    def has_something(self) -> bool:
        """Tell whether there is something to take."""
        return self.state not in {State.CURRENT, State.STAGED}

    @property
    def kernel(self) -> tuple[str, str] | None:
        """Return both kernels when they differ."""
        pair = (self.before.kernel, self.after.kernel)
        return pair if pair[0] != pair[1] else None

    def of(self, fate: Fate) -> tuple[Effect, ...]:
        """Return the local changes that this becomes of."""
        return tuple(one for one in self.effects if one.fate is fate)

    @property
    def blocked(self) -> tuple[Effect, ...]:
        """Return the local changes with which libostree would refuse to merge /etc."""
        return self.of(Fate.BLOCKS)

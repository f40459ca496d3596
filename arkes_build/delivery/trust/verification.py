"""Hold what a verification found of one commit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.store.trust import Signature


class Part(Enum):
    """Name what of a commit is verified."""

    SIGNATURE = "signature"
    OBJECTS = "objects"
    INPUTS = "inputs"
    OS_RELEASE = "os-release"
    PACKAGES = "packages"
    KERNEL = "kernel"
    REF = "ref"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something about a commit that is not as it says, or as it must be."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found of one commit; it is good when there is no trouble.

    ``objects`` is how many its tree has, ``notes`` say what is no fault but worth knowing.
    """

    name: str
    ref: str
    commit: str
    version: str
    signatures: tuple[Signature, ...]
    objects: int
    troubles: tuple[Trouble, ...]
    notes: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.troubles

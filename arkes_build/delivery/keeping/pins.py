"""Hold a pinned release as people are shown it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A release that stays until it is unpinned, and why."""

    commit: str
    node: str
    version: str
    timestamp: int
    note: str

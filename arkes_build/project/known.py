"""Hold what is known of a node from its last build: what a check can rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.core.names import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The units and packages in the tree of a node's last commit."""

    units: frozenset[str] = frozenset()
    """Names of system units (``nginx.service``), templates as ``name@.service``."""
    user_units: frozenset[str] = frozenset()
    packages: Mapping[str, str] = field(default_factory=dict)
    """Name → version."""


class KnownNodes(Mapping[str, Known]):
    """What is known of nodes by name, all of one family: another's names mean nothing there."""

    family: Family

"""Hold what a prune did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from arkes_build.delivery.keeping.objects import NOTHING, Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.delivery.keeping.retention import Line


PartName = Literal["layers", "deltas", "unreached", "unfinished", "records", "logs", "downloads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something else than a release that went: what it was, how many, what it freed."""

    name: PartName
    count: int
    weight: Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went, or with ``is_dry`` would go; the parts have nothing in common."""

    repository: str
    is_dry: bool
    lines: tuple[Line, ...] = ()
    releases: Mapping[str, Weight] = field(default_factory=dict)
    """Commit → what went with it and not with an older one."""
    pinned: Mapping[str, str] = field(default_factory=dict)
    """Commit → why it is pinned."""
    parts: tuple[Part, ...] = ()
    freed: Weight = NOTHING
    """All together."""

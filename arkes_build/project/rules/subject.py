"""Hold what a rule looks at: one file, as it counts for one family and architecture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.core.names import Arch, Family
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.known import Known
    from arkes_build.project.model import Part, Project
    from arkes_build.project.overlays import Overlays
    from arkes_build.project.scope import Walked


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One variant, template or Systemfile.

    ``instructions`` are those that count here, declarative ones as written; ``walked``
    follows variables and stages through them.
    """

    part: Part
    family: Family
    arch: Arch
    instructions: tuple[Instruction, ...]
    walked: Walked
    project: Project
    overlays: Overlays
    known: Mapping[str, Known] = field(default_factory=dict)
    """What is known of nodes that were built, by the node's name."""

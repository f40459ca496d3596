"""Make the subjects that the rules look at, and share what two families have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.project import supply
from arkes_build.project.headers import decode_headers
from arkes_build.project.known import KnownNodes
from arkes_build.project.lower import lower
from arkes_build.project.model import NodeKind
from arkes_build.project.overlays import Overlays
from arkes_build.project.rules.subject import Subject
from arkes_build.project.scope import walk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from arkes_build.core.names import Arch, Family
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.known import Known
    from arkes_build.project.model import Part, Project
    from arkes_build.project.scope import Walked

STAND_IN = "base_variant_id"
"""What a template is looked at with: it stands on no one node."""


@dataclass(slots=True, kw_only=True)
class Subjects:
    """Make subjects of one project; parts and overlays are looked at once."""

    project: Project
    arch: Arch
    known: Mapping[str, Known]
    _overlays: dict[Path, Overlays] = field(default_factory=dict)
    _before: dict[int, tuple[tuple[Instruction, ...], str, Walked]] = field(default_factory=dict)

    def of(self, part: Part, family: Family) -> Subject | None:
        """Return what the rules look at; None when the part is not there for a family.

        A file that has no stage has an error, and nothing for rules to look at.
        """
        headers = decode_headers(part.file)
        for limit, here in ((headers.families, family.value), (headers.arch, self.arch.value)):
            if limit is not None and here not in {item.text for item in limit}:
                return None
        instructions, walked = self._walked(part, family)
        if not walked.stages:
            return None
        return Subject(
            part=part,
            family=family,
            arch=self.arch,
            instructions=instructions,
            walked=walked,
            project=self.project,
            overlays=self._overlays_of(part),
            known=self._known_for(family),
        )

    def _known_for(self, family: Family) -> Mapping[str, Known]:
        is_others = isinstance(self.known, KnownNodes) and self.known.family is not family
        return {} if is_others else self.known

    def _walked(self, part: Part, family: Family) -> tuple[tuple[Instruction, ...], Walked]:
        """Follow a part's values; for a second family only where it sees something else."""
        instructions = lower(part.file.instructions, family=family, arch=self.arch)
        version = ""
        if "VERSION_ID" in part.file.source.text:
            version = self.project.config.identity(family).version_id
        known = self._before.get(id(part))
        if known is not None and known[1] == version and _same(known[0], instructions):
            return known[0], known[2]
        supplied = {
            **supply.platform_arguments(self.arch),
            "VARIANT": decode_headers(part.file).name or part.name,
            "VARIANT_ID": part.name,
            "VERSION_ID": version,
        }
        if part.kind is NodeKind.TEMPLATE:
            supplied["BASE_VARIANT_ID"] = STAND_IN
        walked = walk(instructions, supplied)
        self._before[id(part)] = (instructions, version, walked)
        return instructions, walked

    def _overlays_of(self, part: Part) -> Overlays:
        found = self._overlays.get(part.context)
        if found is None:
            roots = dict.fromkeys((part.context, self.project.root))
            found = self._overlays[part.context] = Overlays(tuple(roots))
        return found


def _same(before: tuple[Instruction, ...], now: tuple[Instruction, ...]) -> bool:
    return len(before) == len(now) and all(a is b for a, b in zip(before, now, strict=True))

"""Compile the declarations of a project's files: what a file by itself cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.names import Family
from arkes_build.project.declare.compiler import Surroundings, check_file, compile_file, user_at_end
from arkes_build.project.declare.declaration import read
from arkes_build.project.declare.standing import check_part
from arkes_build.project.edges import SCHEME
from arkes_build.project.headers import Item, decode_headers
from arkes_build.project.lower import lower
from arkes_build.project.overlays import Overlays
from arkes_build.project.scope import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Arch
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.model import Outside, Part, Project
    from arkes_build.project.scope import Walked


class Declarations:
    """Hold what the declarations of all files of one expansion need to know."""

    def __init__(
        self,
        project: Project,
        *,
        family: Family,
        arch: Arch,
        walked: Mapping[str, Walked],
        outside: Callable[[str], Outside | None] = lambda _: None,
    ) -> None:
        """Take the project and, by the node's name, the values followed through each file.

        ``outside`` knows the images that no node of the project is.
        """
        self._project = project
        self._family = family
        self._arch = arch
        self._walked = walked
        self._outside = outside
        self._overlays: dict[Path, Overlays] = {}
        self._looked_at: set[int] = set()

    def compile(
        self,
        part: Part,
        walked: Walked,
        supplied: Mapping[str, str],
        findings: list[Diagnostic],
    ) -> tuple[Instruction, ...]:
        """Return a node's plain instructions; what is wrong goes to ``findings``.

        The first time that a part is seen, it is looked at for the project's other
        families too, so that one run names all errors.
        """
        if id(part) not in self._looked_at:
            self._looked_at.add(id(part))
            findings += check_part(part, decode_headers(part.file))
            for family in self._others(part):
                instructions = lower(part.file.instructions, family=family, arch=self._arch)
                same = [each.instruction for each in walked.steps]
                is_same = len(same) == len(instructions) and all(
                    a is b for a, b in zip(same, instructions, strict=True)
                )
                theirs = walked if is_same else walk(instructions, supplied)
                findings += check_file(theirs, self._around(part, family))
        compiled = compile_file(walked, self._around(part, self._family))
        findings += compiled.findings
        return compiled.instructions

    def _around(self, part: Part, family: Family) -> Surroundings:
        if part.context not in self._overlays:
            roots = dict.fromkeys((part.context, self._project.root))
            self._overlays[part.context] = Overlays(tuple(roots))
        return Surroundings(
            family=family,
            overlays=self._overlays[part.context],
            user_of=self._user_of,
        )

    def _others(self, part: Part) -> tuple[Family, ...]:
        limit = decode_headers(part.file).families
        return tuple(
            family
            for family in Family
            if family is not self._family
            and self._project.config.bootstrap_for(family) is not None
            and (limit is None or family.value in {item.text for item in limit})
        )

    def _user_of(self, base: str) -> str:
        """Return the USER that a node of the project leaves in effect; empty for root."""
        seen: set[str] = set()
        while base.startswith(SCHEME) and base not in seen:
            seen.add(base)
            name = base.removeprefix(SCHEME)
            walked = self._walked.get(name)
            if walked is None or not walked.stages:
                found = self._outside(name)
                return found.user if found else ""
            user = user_at_end(walked)
            if user is not None:
                return user
            base = walked.standing.base
        return ""


def applied_templates(walked: Walked, findings: list[Diagnostic]) -> tuple[Item, ...]:
    """Return the templates that TEMPLATE instructions name, in the order of the text."""
    return tuple(
        Item(text=value.text, span=value.span)
        for step in walked.steps
        if step.instruction.keyword == "TEMPLATE"
        for value in read(step, findings).values
    )

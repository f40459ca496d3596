"""Check declarations that mean the same for each family: an editor asks at each keypress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.language.keywords import DECLARATIVE
from arkes_build.project.declare.checks import check_stage, check_values
from arkes_build.project.declare.declaration import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.declare.declaration import Declaration
    from arkes_build.project.rules.subject import Subject

_OF_A_FAMILY = frozenset({"AUR", "OVERLAY", "PACKAGES", "REMOVE", "REPOSITORY", "TEMPLATE"})
"""What needs a family or another file to be judged: the compiler does that."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield wrong values and doubled settings, also of a file that can be read in part only.

    They are the compiler's own findings, so for a whole file nothing is said twice.
    """
    said: dict[int, list[Declaration]] = {}
    for step in subject.walked.steps:
        keyword = step.instruction.keyword
        if keyword in DECLARATIVE and keyword not in _OF_A_FAMILY:
            given = read(step, [])
            yield from check_values(given, subject.family)
            said.setdefault(step.stage, []).append(given)
    for declarations in said.values():
        yield from check_stage(declarations)

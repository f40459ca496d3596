"""Look at upper and lower case: what an engine takes in any case reads best in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules import spots
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.subject import Subject

INSTRUCTION_CASING = Rule(
    code="instruction-casing",
    title="A keyword is not written in the case of the others.",
    severity=Severity.WARNING,
)
AS_CASING = Rule(
    code="as-casing",
    title="FROM and AS are not written in the same case.",
    severity=Severity.WARNING,
)
STAGE_CASING = Rule(
    code="stage-casing",
    title="A stage's name has upper-case letters.",
    severity=Severity.WARNING,
)
STAGE_RESERVED = Rule(
    code="stage-reserved",
    title="A stage has a name that means something else.",
    severity=Severity.WARNING,
)
RULES = (INSTRUCTION_CASING, AS_CASING, STAGE_CASING, STAGE_RESERVED)

_RESERVED = frozenset({"scratch", "context"})
_FULL_FROM = 3


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is written in an odd case."""
    yield from _keywords(subject.instructions)
    for instruction in subject.instructions:
        if instruction.keyword == "FROM" and len(instruction.words) == _FULL_FROM:
            yield from _stage(instruction)


def _keywords(instructions: tuple[Instruction, ...]) -> Iterator[Diagnostic]:
    written = [(each, spots.keyword(each).text) for each in instructions]
    lower = sum(text.islower() for _, text in written)
    is_lower = lower > sum(text.isupper() for _, text in written)
    for instruction, text in written:
        wanted = instruction.keyword.lower() if is_lower else instruction.keyword
        if text != wanted and text.upper() == instruction.keyword:
            yield INSTRUCTION_CASING.finding(
                f"{text!r} is written otherwise than the other instructions",
                spots.keyword(instruction),
                remedy=f"write {wanted}",
                fix=spots.replaced(f"write {wanted}", spots.keyword(instruction), wanted),
            )


def _stage(instruction: Instruction) -> Iterator[Diagnostic]:
    _, middle, name = instruction.words
    head = spots.keyword(instruction).text
    wanted = "as" if head.islower() else "AS"
    if middle.text != wanted and (head.islower() or head.isupper()):
        yield AS_CASING.finding(
            f"{middle.text!r} is written otherwise than {head!r}",
            middle.span,
            remedy=f"write {wanted}",
            fix=spots.replaced(f"write {wanted}", middle.span, wanted),
        )
    if name.text.lower() in _RESERVED:
        yield STAGE_RESERVED.finding(
            f"{name.text!r} names something else than a stage in FROM and COPY --from",
            name.span,
            remedy="give the stage another name",
        )
    elif name.text != name.text.lower():
        yield STAGE_CASING.finding(
            f"the stage {name.text!r} is known as {name.text.lower()!r}",
            name.span,
            remedy=f"write {name.text.lower()}, here and where it is used",
        )

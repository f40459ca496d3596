"""Hold an instruction that the compiler wrote, with those that people wrote for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.language.keywords import DECLARATIVE
from arkes_build.language.nodes import Instruction

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered(Instruction):
    """A plain instruction made of declarative ones.

    ``span`` is that of the first of ``made_of``; an ARG or USER that only stands there
    for another instruction's sake has that one's ``made_of``.
    """

    made_of: tuple[Instruction, ...] = field(default=(), compare=False, repr=False)


def origins(instruction: Instruction) -> tuple[Instruction, ...]:
    """Return what people wrote for an instruction: itself, unless the compiler made it."""
    if isinstance(instruction, Lowered) and instruction.made_of:
        return instruction.made_of
    return (instruction,)


def is_declarative(instruction: Instruction) -> bool:
    """Tell whether an instruction, or the one behind its ONBUILD, is for this compiler."""
    return (instruction.inner or instruction).keyword in DECLARATIVE


def has_declarations(instructions: Iterable[Instruction]) -> bool:
    """Tell whether there is anything to compile."""
    return any(is_declarative(instruction) for instruction in instructions)

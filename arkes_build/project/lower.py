"""Drop what counts for another family or architecture, and the flags that said so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, nearest
from arkes_build.language.instruction_checks import check_instruction
from arkes_build.language.mending import renamed
from arkes_build.project.declare.flags import hoisted
from arkes_build.project.headers import ARCHES, FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.names import Arch, Family
    from arkes_build.language.nodes import Flag, Instruction

CONDITIONS = {"family": FAMILIES, "arch": ARCHES}
"""The flags that make an instruction count only there, and the values they know."""


def lower(
    instructions: Iterable[Instruction], *, family: Family, arch: Arch
) -> tuple[Instruction, ...]:
    """Return the instructions that count for a family and architecture, flags removed.

    Values that are unknown count nowhere: ``check_conditions`` has reported them. An
    ``ONBUILD`` goes with what it wraps. Declarative instructions stay what they are:
    ``declare`` compiles them once their variables are known.
    """
    here = {"family": family.value, "arch": arch.value}
    lowered = (_lowered(instruction, here) for instruction in instructions)
    return tuple(instruction for instruction in lowered if instruction is not None)


def check_conditions(instructions: Iterable[Instruction]) -> Iterator[Diagnostic]:
    """Yield wrong ``--family`` and ``--arch`` flags, and flags behind words that are wrong."""
    for written in instructions:
        instruction = hoisted(written)
        if instruction is not written:
            yield from check_instruction(instruction)
        yield from _wrong_flags(instruction)
        if instruction.inner is not None:
            yield from check_conditions((instruction.inner,))


def _lowered(written: Instruction, here: dict[str, str]) -> Instruction | None:
    instruction = hoisted(written)
    if not all(here[f.name] in _values(f) for f in instruction.flags if f.name in CONDITIONS):
        return None
    inner = instruction.inner
    if inner is not None:
        inner = _lowered(inner, here)
        if inner is None:
            return None
    flags = tuple(flag for flag in instruction.flags if flag.name not in CONDITIONS)
    if flags == instruction.flags and inner is instruction.inner:
        return instruction
    return replace(instruction, flags=flags, inner=inner)


def _values(flag: Flag) -> list[str]:
    return [value.strip() for value in (flag.value or "").split(",")]


def _wrong_flags(instruction: Instruction) -> Iterator[Diagnostic]:
    for flag in instruction.flags:
        known = CONDITIONS.get(flag.name, ())
        for value in _values(flag):
            if known and value not in known:
                near = nearest(value, known)
                yield Diagnostic(
                    code="flag-value",
                    message=f"--{flag.name} does not know {value!r}",
                    span=flag.span,
                    remedy=f"did you mean '{near}'?" if near else f"one of: {', '.join(known)}",
                    fix=renamed(flag.span, value, near),
                )

"""Check where AUR and TEMPLATE stand: the flags and the file around them, for all families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.names import Family
from arkes_build.project.declare.rules import AUR_FAMILY, TEMPLATE_MISPLACED
from arkes_build.project.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.headers import Headers
    from arkes_build.project.model import Part


def check_part(part: Part, headers: Headers) -> Iterator[Diagnostic]:
    """Yield AUR instructions that say they count for debian, and TEMPLATEs out of place."""
    limit = {item.text for item in headers.families or ()}
    for instruction in _all(part.file.instructions):
        if instruction.keyword == "AUR":
            yield from _aur(instruction, only_debian=limit == {Family.DEBIAN.value})
        elif instruction.keyword == "TEMPLATE" and part.kind is not NodeKind.SYSTEM:
            names = "-".join(word.text for word in instruction.words)
            yield TEMPLATE_MISPLACED.finding(
                f"TEMPLATE is for a machine's Systemfile, and this is a {part.kind.value}",
                instruction.span,
                remedy=f"write `# x-templates={names}` above the first instruction"
                if part.kind is NodeKind.VARIANT
                else "let the variant name both, joined by '-', in its x-templates",
            )
    for instruction in part.file.instructions:
        if instruction.inner is not None and instruction.inner.keyword == "TEMPLATE":
            yield TEMPLATE_MISPLACED.finding(
                "TEMPLATE cannot stand behind ONBUILD", instruction.span, remedy="take ONBUILD away"
            )


def _all(instructions: Iterable[Instruction]) -> Iterator[Instruction]:
    for instruction in instructions:
        yield instruction
        if instruction.inner is not None:
            yield instruction.inner


def _aur(instruction: Instruction, *, only_debian: bool) -> Iterator[Diagnostic]:
    families = [flag for flag in instruction.flags if flag.name == "family"]
    named = {value.strip() for flag in families for value in (flag.value or "").split(",")}
    if Family.DEBIAN.value in named:
        yield AUR_FAMILY.finding(
            "debian has no AUR", families[0].span, remedy="write --family=arch, or no --family"
        )
    elif only_debian:
        yield AUR_FAMILY.finding(
            "this file is for debian only, which has no AUR",
            instruction.span,
            remedy="take it out, or let x-families name arch",
        )

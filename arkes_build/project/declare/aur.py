"""Say that nothing tells where the AUR is: the build would find out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.names import Family
from arkes_build.project.declare.block import BASE
from arkes_build.project.declare.rules import AUR_BASE_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.subject import Subject


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the first AUR of a file for which nobody has said where the repositories are."""
    if subject.family is not Family.ARCH or subject.project.config.aur.base is not None:
        return
    for instruction in subject.instructions:
        if instruction.keyword in ("ARG", "ENV") and any(
            word.text.startswith(f"{BASE}=") for word in instruction.words
        ):
            return
        if instruction.keyword == "AUR":
            yield AUR_BASE_MISSING.finding(
                "nothing says where the AUR's Git repositories are",
                instruction.span,
                remedy='write base = "https://…" into [aur] of arkes.toml: what stands before '
                "/NAME.git",
            )
            return

"""Read the flags of REPOSITORY, which stand behind its name as well as before it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.language.arguments import unquoted_flag
from arkes_build.language.nodes import Flag

if TYPE_CHECKING:
    from arkes_build.language.nodes import Instruction, Word

TRAILING = frozenset({"REPOSITORY"})
"""Instructions whose flags may stand behind their words."""

_LIKE_FLAG = re.compile(r"--[A-Za-z]")


def hoisted(instruction: Instruction) -> Instruction:
    """Return the instruction with the flags behind its words among its flags."""
    if instruction.keyword not in TRAILING:
        return instruction
    flags = [word for word in instruction.words if _LIKE_FLAG.match(word.text)]
    if not flags:
        return instruction
    words = tuple(word for word in instruction.words if word not in flags)
    text = " ".join(word.text for word in words)
    return replace(
        instruction,
        flags=(*instruction.flags, *(_flag(word) for word in flags)),
        words=words,
        text=text,
        lines=(text,),
    )


def _flag(word: Word) -> Flag:
    name, is_valued, value = unquoted_flag(word.text)[2:].partition("=")
    return Flag(name=name, value=value if is_valued else None, span=word.span)

"""Write an instruction as canonical, readable text that parses to the same instruction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.language.nodes import Flag, Heredoc, Instruction

INDENT = "    "
WIDTH = 100
"""Flags that would make the first line longer than this stand on lines of their own."""

_NEVER: frozenset[str] = frozenset()
_TO_QUOTE = re.compile(r"""[\s"'\\]""")
_CONTINUES = re.compile(r"(?<!\\)\\[ \t]*\Z")


def write(instruction: Instruction, *, drop: frozenset[str] = _NEVER) -> str:
    r"""Return the text of an instruction, without a line end, here-documents included.

    The keyword is upper case; the lines are those of the source, continued with ``\``
    and indented by four spaces; flags named in ``drop`` are left out, also those of the
    instruction inside ``ONBUILD``. ``parse(write(x))`` gives ``x`` again, less the flags.
    """
    parts = [_continued(instruction, drop)]
    inner = instruction.inner or instruction
    parts.extend(_document(document) for document in inner.heredocs)
    return "\n".join(parts)


def head(instruction: Instruction, *, drop: frozenset[str] = _NEVER) -> str:
    """Return keyword and flags on one line."""
    return " ".join([instruction.keyword, *_flags(instruction, drop)])


def flag_text(flag: Flag) -> str:
    """Return a flag as it is written, quoted where BuildKit would split it otherwise."""
    text = flag.name if flag.value is None else f"{flag.name}={flag.value}"
    return "--" + _TO_QUOTE.sub(lambda found: "\\" + found[0], text)


def _continued(instruction: Instruction, drop: frozenset[str]) -> str:
    if instruction.inner is not None:
        return f"{head(instruction, drop=drop)} {_continued(instruction.inner, drop)}"
    lines = list(instruction.lines)
    flags = _flags(instruction, drop)
    first = " ".join([instruction.keyword, *flags])
    if len(flags) > 1 and len(first) > WIDTH and not (lines and lines[0].startswith("#")):
        lines = [f"{instruction.keyword} {flags[0]}", *flags[1:], *lines]
    elif lines and lines[0].startswith("--"):
        lines[0] = f"{first} -- {lines[0]}"
    elif lines:
        lines[0] = f"{first} {lines[0]}"
    else:
        lines = [first]
    if _CONTINUES.search(lines[-1]):
        lines[-1] += "\f"
    return f" \\\n{INDENT}".join(lines)


def _flags(instruction: Instruction, drop: frozenset[str]) -> list[str]:
    return [flag_text(flag) for flag in instruction.flags if flag.name not in drop]


def _document(document: Heredoc) -> str:
    return f"{document.body}{document.delimiter}"

"""Write the compiler's values into ARG, and make the engine see when one changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.core.digest import digest
from arkes_build.render import quoting

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from arkes_build.language.nodes import Instruction, Word
    from arkes_build.project.scope import Step

_VARIABLE = re.compile(r"\$\{?(\w+)")

PIN = "arkes.argument."
"""What the names of the labels begin with that hold the values of arguments."""


def with_defaults(instruction: Instruction, values: Mapping[str, str]) -> Instruction:
    """Return the ARG with the compiler's values as defaults, one argument a line.

    What the compiler does not supply, and every other instruction, stays as it is.
    """
    if instruction.keyword != "ARG":
        return instruction
    words = tuple(_with_default(word, values) for word in instruction.words)
    if words == instruction.words:
        return instruction
    return replace(instruction, words=words, lines=tuple(word.text for word in words))


def _with_default(word: Word, values: Mapping[str, str]) -> Word:
    name = word.text.partition("=")[0]
    if name not in values:
        return word
    return replace(word, text=f"{name}={quoting.word(values[name], f'the argument {name}')}")


def used_by_stage(steps: Iterable[Step]) -> dict[int, frozenset[str]]:
    """Return, per stage, the variables that something else than a RUN refers to."""
    found: dict[int, set[str]] = {}
    for step in steps:
        instruction = step.instruction
        if instruction.keyword in ("RUN", "FROM"):
            continue
        texts = [instruction.text, *(flag.value or "" for flag in instruction.flags)]
        texts.extend(document.body for document in instruction.heredocs)
        names = found.setdefault(step.stage, set())
        for text in texts:
            names.update(_VARIABLE.findall(text))
    return {stage: frozenset(names) for stage, names in found.items()}


def pins(instruction: Instruction, used: Container[str], above: Mapping[str, str]) -> str:
    """Return a LABEL that holds the values of an ARG's arguments, or an empty text.

    buildah finds a step in its cache by the step's own text, and by the arguments' values
    only when it is a RUN: ``ENV V=$VERSION`` with another VERSION gets the old value (tried
    with 1.28). The label's text does change, and all behind it is looked up anew. Only
    arguments in ``used`` need one. ``above`` are the defaults, as written, of arguments
    before the first FROM.
    """
    if instruction.keyword != "ARG":
        return ""
    labels = []
    for word in instruction.words:
        name, equals, default = word.text.partition("=")
        value = default if equals else above.get(name)
        if value is not None and name in used:
            labels.append(f"{PIN}{name}={quoting.word(_visible(value))}")
    return " ".join(["LABEL", *labels]) if labels else ""


def _visible(value: str) -> str:
    return value if value.isprintable() else digest(value)


def defaults(instructions: Iterable[Instruction]) -> dict[str, str]:
    """Return the defaults, as written, of the arguments before the first FROM."""
    found: dict[str, str] = {}
    for instruction in instructions:
        if instruction.keyword == "FROM":
            break
        if instruction.keyword == "ARG":
            pairs = (word.text.partition("=") for word in instruction.words)
            found |= {name: default for name, equals, default in pairs if equals}
    return found

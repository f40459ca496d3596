"""Follow ARG and ENV through the stages: which values are known at each instruction.

The rules are the Dockerfile reference's ("Understand how ARG and FROM interact", "Scope",
"Using ARG variables", "Environment replacement"):

1. An ARG before the first FROM is known to every FROM, and to a stage that declares it again.
2. A value that the compiler supplies wins over a declared default.
3. ENV wins over ARG; a stage that stands on an earlier one has that one's values.

What the image under a stage brings as ENV is not known here, so a name that is nowhere
declared is unknown, which is not the same as empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.language.variables import BadSubstitution, expand, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from arkes_build.language.nodes import Instruction, Word

BEFORE = -1
"""The number of the stage that instructions before the first FROM belong to."""

KEY_ARGUMENT = "HASH"
"""The argument that holds the node's key: never known here, as the key follows from all this."""

BASE_ARGUMENT = "BASE_VARIANT_ID"
"""The argument that a template stands on: known to FROM even where nothing declares it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Say why a text has no value before the build, and what to do."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction with the stage it belongs to and the values it sees."""

    instruction: Instruction
    stage: int
    values: Mapping[str, str]

    def expanded(self, text: str) -> str | Unclear:
        """Return a text with its variables replaced and its quotes taken off."""
        try:
            unknown = names(text) - self.values.keys()
            if unknown and self.instruction.keyword == "FROM":
                # nothing but ARG reaches a FROM, so here ${NAME:-word} is known to be unset
                unknown = frozenset(name for name in unknown if not _cares(text, name))
            if unknown:
                return _unknown(min(unknown))
            return expand(text, self.values)
        except BadSubstitution as error:
            return Unclear(message=error.brief, remedy=error.resolution)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: what it is called and what it stands on."""

    name: str | None
    base: str
    """The image's name after expansion; empty when that is unclear."""
    base_stage: int | None
    """The number of the stage that ``base`` names, None when it is an image."""
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A file's steps in order, its stages, and the arguments that it ends with."""

    steps: tuple[Step, ...]
    stages: tuple[Stage, ...]
    arguments: Mapping[str, str]
    """Those of the last stage."""
    global_arguments: Mapping[str, str]
    """Those above the first FROM."""

    def stage(self, reference: str) -> int | None:
        """Return the number of the stage that a name or a number means; names in any case."""
        return _stage_number(self.stages, reference)

    @property
    def standing(self) -> Stage:
        """Return the stage whose image the last stage stands on in the end."""
        stage = self.stages[-1]
        while stage.base_stage is not None:
            stage = self.stages[stage.base_stage]
        return stage


def walk(instructions: Iterable[Instruction], supplied: Mapping[str, str]) -> Walked:
    """Follow the values through instructions; ``supplied`` are the compiler's own."""
    walker = _Walker(supplied=supplied)
    if BASE_ARGUMENT in supplied:
        # "FROM arkes:${BASE_VARIANT_ID}" alone is how a template begins
        walker.before.arguments = {BASE_ARGUMENT: supplied[BASE_ARGUMENT]}
    steps = tuple(walker.step(instruction) for instruction in instructions)
    return Walked(
        steps=steps,
        stages=tuple(walker.stages),
        arguments=walker.here.arguments,
        global_arguments=walker.before.arguments,
    )


@dataclass(slots=True, kw_only=True)
class _Values:
    """ARG and ENV of one stage. The mappings are replaced, never changed: steps keep them."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> Mapping[str, str]:
        if not self.environment:
            return self.arguments
        return {**self.arguments, **self.environment}


@dataclass(slots=True, kw_only=True)
class _Walker:
    supplied: Mapping[str, str]
    before: _Values = field(default_factory=_Values)
    here: _Values = field(default_factory=_Values)
    values: list[_Values] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def step(self, instruction: Instruction) -> Step:
        if instruction.keyword == "FROM":
            step = Step(
                instruction=instruction, stage=len(self.stages), values=self.before.arguments
            )
            self._enter(step)
            return step
        now = self.here if self.stages else self.before
        step = Step(instruction=instruction, stage=len(self.stages) - 1, values=now.all())
        if instruction.keyword == "ARG":
            self._declare(step, now)
        elif instruction.keyword == "ENV":
            for name, text in _pairs(instruction):
                now.environment = _with(now.environment, name, step.expanded(text))
        return step

    def _enter(self, step: Step) -> None:
        words = step.instruction.words
        found = step.expanded(words[0].text) if words else ""
        base = "" if isinstance(found, Unclear) else found
        base_stage = _stage_number(self.stages, base, by_number=False)
        below = self.values[base_stage] if base_stage is not None else _Values()
        self.here = _Values(arguments=below.arguments, environment=below.environment)
        self.values.append(self.here)
        self.stages.append(
            Stage(name=_stage_name(words), base=base, base_stage=base_stage, step=step)
        )

    def _declare(self, step: Step, now: _Values) -> None:
        for word in step.instruction.words:
            name, equals, default = word.text.partition("=")
            if name == KEY_ARGUMENT:
                continue
            value: str | Unclear
            if name in self.supplied:
                value = self.supplied[name]
            elif equals:
                value = step.expanded(default)
            else:
                value = self.before.arguments.get(name, "")
            now.arguments = _with(now.arguments, name, value)


def _with(values: Mapping[str, str], name: str, value: str | Unclear) -> Mapping[str, str]:
    """Return the values with one more, or without it when it is unclear."""
    if isinstance(value, Unclear):
        return {key: old for key, old in values.items() if key != name}
    return {**values, name: value}


def _cares(text: str, name: str) -> bool:
    """Tell whether a text says itself what an unset variable means."""
    return re.search(rf"\$\{{{name}:?[-+?]", text) is not None


def _unknown(name: str) -> Unclear:
    return Unclear(
        message=f"the value of ${name} is not known before the build",
        remedy=f"declare it with a default above: ARG {name}=…",
    )


def _stage_name(words: tuple[Word, ...]) -> str | None:
    if len(words) == 3 and words[1].text.upper() == "AS":  # noqa: PLR2004 - image AS name
        return words[2].text
    return None


def _stage_number(stages: Iterable[Stage], reference: str, *, by_number: bool = True) -> int | None:
    """Return the last stage of a name, or with ``by_number`` of a number from 0."""
    stages = tuple(stages)
    for number in reversed(range(len(stages))):
        name = stages[number].name
        if name is not None and name.lower() == reference.lower():
            return number
    if by_number and reference.isascii() and reference.isdigit() and int(reference) < len(stages):
        return int(reference)
    return None


def _pairs(instruction: Instruction) -> Iterator[tuple[str, str]]:
    """Yield name and text of ENV's pairs; the parser makes one of the old form ``ENV A b``."""
    for word in instruction.words:
        name, _, value = word.text.partition("=")
        yield name, value

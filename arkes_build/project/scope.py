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
from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.language.keywords import DECLARATIVE
from arkes_build.language.variables import BadSubstitution, expand, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from arkes_build.language.nodes import Instruction, Word

BEFORE = -1
"""The number of the stage that instructions before the first FROM belong to."""

LONGEST_TEXT = 1 << 20
"""Longest text that an expansion may make, in characters.

Without a limit, forty lines of ``ENV A=$A$A`` would fill the memory.
"""

_DIGITS = 6
"""More digits than any stage's number has."""

VALUED = frozenset({"FROM", "ARG", "ENV"})
"""Instructions that change which values are known behind them."""

_EXPANDED = frozenset({"ADD", "COPY", "FROM", "USER", *DECLARATIVE})
"""Instructions whose words are asked for; ARG and ENV are read where they stand."""

KEY_ARGUMENT = "HASH"
"""The argument that holds the node's key: never known here, as the key follows from all this."""

BASE_ARGUMENT = "BASE_VARIANT_ID"
"""The argument that a template stands on."""

UNDECLARED = (BASE_ARGUMENT, "TARGETARCH", "TARGETOS", "TARGETPLATFORM", "TARGETVARIANT")
"""Arguments that FROM knows even where nothing declares them.

``FROM arkes:${BASE_VARIANT_ID}`` alone is how a template begins; the others are in the global
scope by the Dockerfile reference ("Automatic platform ARGs").
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Say why a text has no value before the build, and what to do."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction with the stage it belongs to and the values it sees.

    ``values`` are there for instructions with here-documents, or with a variable in their
    words or flags; they are empty for others.
    """

    instruction: Instruction
    stage: int
    values: Mapping[str, str]

    def expanded(self, text: str) -> str | Unclear:
        """Return a text with its variables replaced and its quotes taken off."""
        return _expanded(text, self.values, is_from=self.instruction.keyword == "FROM")


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
    numbers: Mapping[str, int]
    """Name of a stage in lower case → its number, the last one's of several."""

    def stage(self, reference: str) -> int | None:
        """Return the number of the stage that a name or a number means; names in any case.

        Of several stages of one name it is the last.
        """
        number = self.numbers.get(reference.lower())
        if number is not None:
            return number
        is_number = reference.isascii() and reference.isdigit() and len(reference) < _DIGITS
        return int(reference) if is_number and int(reference) < len(self.stages) else None

    @property
    def standing(self) -> Stage:
        """Return the stage whose image the last stage stands on in the end."""
        stage = self.stages[-1]
        while stage.base_stage is not None:
            stage = self.stages[stage.base_stage]
        return stage


def walk(instructions: Iterable[Instruction], supplied: Mapping[str, str]) -> Walked:
    """Follow the values through instructions; ``supplied`` are the compiler's own.

    Takes time in proportion to the text, also for files that mean no good.
    """
    walker = _Walker(supplied=supplied)
    walker.before.arguments |= {n: supplied[n] for n in UNDECLARED if n in supplied}
    steps = tuple([walker.step(instruction) for instruction in instructions])
    return Walked(
        steps=steps,
        stages=tuple(walker.stages),
        arguments=walker.here.arguments,
        global_arguments=walker.before.arguments,
        numbers=walker.numbers,
    )


@dataclass(slots=True, kw_only=True)
class _Values:
    """ARG and ENV of one stage, as they are at the instruction that is being read."""

    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def copy(self) -> _Values:
        return _Values(arguments=dict(self.arguments), environment=dict(self.environment))

    def now(self) -> Mapping[str, str]:
        return ChainMap(self.environment, self.arguments) if self.environment else self.arguments


@dataclass(slots=True, kw_only=True)
class _Walker:
    supplied: Mapping[str, str]
    before: _Values = field(default_factory=_Values)
    here: _Values = field(default_factory=_Values)
    values: list[_Values] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """Name in lower case → number of the last stage that has it."""

    def step(self, instruction: Instruction) -> Step:
        is_from = instruction.keyword == "FROM"
        values = self.here if self.stages and not is_from else self.before
        step = Step(
            instruction=instruction,
            stage=len(self.stages) - (not is_from),
            values=dict(values.now()) if _has_variables(instruction) else {},
        )
        if is_from:
            self._enter(step)
        elif instruction.keyword == "ARG":
            _update(values.arguments, self._declared(instruction, values.now()))
        elif instruction.keyword == "ENV":
            _update(values.environment, _environment(instruction, values.now()))
        return step

    def _enter(self, step: Step) -> None:
        words = step.instruction.words
        found = step.expanded(words[0].text) if words else ""
        base = "" if isinstance(found, Unclear) else found
        base_stage = self.numbers.get(base.lower())
        self.here = _Values() if base_stage is None else self.values[base_stage].copy()
        name = _stage_name(words)
        if name is not None:
            self.numbers[name.lower()] = len(self.stages)
        self.values.append(self.here)
        self.stages.append(Stage(name=name, base=base, base_stage=base_stage, step=step))

    def _declared(
        self, instruction: Instruction, now: Mapping[str, str]
    ) -> Iterator[tuple[str, str | Unclear]]:
        for word in instruction.words:
            name, equals, default = word.text.partition("=")
            if name == KEY_ARGUMENT:
                continue
            if name in self.supplied:
                yield name, self.supplied[name]
            elif equals:
                yield name, _expanded(default, now)
            else:
                yield name, self.before.arguments.get(name, "")


def _environment(
    instruction: Instruction, now: Mapping[str, str]
) -> Iterator[tuple[str, str | Unclear]]:
    """Yield ENV's pairs; the parser makes one of the old form ``ENV A b``."""
    for word in instruction.words:
        name, _, text = word.text.partition("=")
        yield name, _expanded(text, now)


def _update(values: dict[str, str], pairs: Iterable[tuple[str, str | Unclear]]) -> None:
    """Set what is clear, forget what is not; all pairs are made from the values before."""
    for name, value in list(pairs):
        if isinstance(value, Unclear):
            values.pop(name, None)
        else:
            values[name] = value


def _has_variables(instruction: Instruction) -> bool:
    """Tell whether somebody will ask for an expansion: the words of RUN are the shell's."""
    if (instruction.inner or instruction).heredocs:
        return True
    words = instruction.words if instruction.keyword in _EXPANDED else ()
    texts = [*(word.text for word in words), *(flag.value or "" for flag in instruction.flags)]
    return any("$" in text for text in texts)


def _expanded(text: str, values: Mapping[str, str], *, is_from: bool = False) -> str | Unclear:
    try:
        referred = names(text)
        unknown = [name for name in referred if name not in values]
        if is_from:
            # nothing but ARG reaches a FROM, so here ${NAME:-word} is known to be unset
            unknown = [name for name in unknown if not _cares(text, name)]
        if unknown:
            return _unknown(min(unknown))
        longest = max([len(values.get(name, "")) for name in referred], default=0)
        if len(text) + text.count("$") * longest > LONGEST_TEXT:
            return _too_long()
        return expand(text, values)
    except BadSubstitution as error:
        return Unclear(message=error.brief, remedy=error.resolution)


def _cares(text: str, name: str) -> bool:
    """Tell whether a text says itself what an unset variable means."""
    return re.search(rf"\$\{{{name}:?[-+?]", text) is not None


def _unknown(name: str) -> Unclear:
    return Unclear(
        message=f"the value of ${name} is not known before the build",
        remedy=f"declare it with a default above: ARG {name}=…",
    )


def _too_long() -> Unclear:
    return Unclear(
        message=f"with its variables replaced, the text may pass {LONGEST_TEXT} characters",
        remedy="write less into the variables, or into a file",
    )


def _stage_name(words: tuple[Word, ...]) -> str | None:
    if len(words) == 3 and words[1].text.upper() == "AS":  # noqa: PLR2004 - image AS name
        return words[2].text
    return None

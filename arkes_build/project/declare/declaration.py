"""Read one declarative instruction: its values with variables replaced, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.project.edges import unclear
from arkes_build.project.scope import Unclear

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.scope import Step

PACMAN_WORDS = {"repo": "$repo", "arch": "$arch"}
"""What pacman itself replaces in a server (pacman.conf(5)), so it stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value, variables replaced and quotes taken off."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One flag with its value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What one declarative instruction says."""

    instruction: Instruction
    values: tuple[Value, ...]
    options: tuple[Option, ...] = ()
    is_clear: bool = True
    """False when the value of a variable in it is not known."""

    @property
    def keyword(self) -> str:
        """Return the instruction's keyword."""
        return self.instruction.keyword

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the values' texts."""
        return tuple(value.text for value in self.values)

    def all(self, name: str) -> tuple[Value, ...]:
        """Return all values of an option."""
        return tuple(option.value for option in self.options if option.name == name)

    @property
    def is_of_users(self) -> bool:
        """Tell whether ``--user`` is given."""
        return any(value.text != "false" for value in self.all("user"))


def read(step: Step, findings: list[Diagnostic]) -> Declaration:
    """Return what a step's instruction says; what is unclear goes to ``findings``.

    A value that becomes empty is none, as in a shell: ``${GUI:+firefox}``.
    """
    instruction = step.instruction
    pairs = [(word.text, word.span) for word in instruction.words]
    before = len(findings)
    values = tuple(value for value in _values(step, pairs, findings) if value.text)
    flags = tuple(_options(step, findings)) if instruction.flags else ()
    return Declaration(
        instruction=instruction,
        values=values,
        options=flags,
        is_clear=len(findings) == before,
    )


def _options(step: Step, findings: list[Diagnostic]) -> Iterator[Option]:
    own = replace(step, values={**PACMAN_WORDS, **step.values})
    for flag in step.instruction.flags:
        for value in _values(own, [(flag.value or "", flag.span)], findings):
            yield Option(name=flag.name, value=value)


def _values(
    step: Step, pairs: Iterable[tuple[str, Span]], findings: list[Diagnostic]
) -> list[Value]:
    values = []
    for text, span in pairs:
        found = step.expanded(text)
        if isinstance(found, Unclear):
            findings.append(unclear(found, span))
        else:
            values.append(Value(text=found, span=span))
    return values

"""List what a file asks for, whether it says so itself or calls the helper script for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Edit, Fix
from arkes_build.language.mending import without_lines
from arkes_build.project.declare.lowered import origins
from arkes_build.project.lower import lower
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.image import HELPERS, NODE, image_steps, parent_of, value_of
from arkes_build.project.rules.once import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject
    from arkes_build.project.scope import Step

_PACKAGE_VERBS = {"PACKAGES": "install", "AUR": "install", "REMOVE": "remove"}
_PACKAGE_HELPERS = {
    "package_layer": "install",
    "install_packages": "install",
    "install_aur_packages": "install",
    "build_kernel_modules": "",
    "remove_packages": "remove",
}
_UNIT_VERBS = {"ENABLE": "enable", "DISABLE": "disable", "MASK": "mask"}
_SYSTEMCTL_VERBS = {"enable": "enable", "reenable": "enable", "disable": "disable", "mask": "mask"}
_SUFFIXES = (
    *(".service", ".socket", ".target", ".timer", ".path", ".mount", ".automount", ".swap"),
    *(".slice", ".device", ".scope"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One word that asks for something: ``verb`` it, at the step ``number``."""

    verb: str
    """``install`` or ``remove``; ``enable``, ``disable`` or ``mask``."""
    name: str
    """A package without its version; a unit with its suffix."""
    text: str
    """As it is meant, quotes taken off."""
    number: int
    siblings: int = 0
    """How many other words stand beside it."""
    is_user: bool = False
    """About the units of each person's own manager."""
    instruction: Instruction = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


def words_of(subject: Subject, *keywords: str) -> Iterator[Asked]:
    """Yield the words of declarative instructions; those with variables are left out."""
    for number, step in enumerate(image_steps(subject)):
        if step.instruction.keyword in keywords:
            yield from _words(step, number, step.instruction.keyword)


def _words(step: Step, number: int, verb: str) -> Iterator[Asked]:
    for word in step.instruction.words:
        if "$" not in word.text:
            text = value_of(step, word.text)
            yield Asked(
                verb=verb,
                name=text.partition("=")[0],
                text=text,
                number=number,
                siblings=len(step.instruction.words) - 1,
                instruction=step.instruction,
                span=word.span,
            )


@once(16)
def packages(subject: Subject) -> tuple[Asked, ...]:
    """Return the packages that are installed or removed, in order."""
    found: list[Asked] = []
    for number, step in enumerate(image_steps(subject)):
        keyword = step.instruction.keyword
        if keyword in _PACKAGE_VERBS:
            found += _words(step, number, _PACKAGE_VERBS[keyword])
        for command in commands(step.instruction):
            if command.program.startswith(HELPERS) and command.name in _PACKAGE_HELPERS:
                found += _called(step.instruction, number, command)
    return tuple(found)


def _called(instruction: Instruction, number: int, command: Command) -> Iterator[Asked]:
    verb = _PACKAGE_HELPERS[command.name]
    siblings = sum(not word.text.startswith("-") for word in command.arguments) - 1
    for word in command.arguments:
        if word.text in ("--add", "--aur", "--rm"):
            verb = "remove" if word.text == "--rm" else "install"
        elif verb and word.is_fixed and not word.text.startswith("-") and "*" not in word.text:
            yield Asked(
                verb=verb,
                name=word.text.partition("=")[0],
                text=word.text,
                number=number,
                siblings=siblings,
                instruction=instruction,
                span=word.span,
            )


@once(16)
def asked_below(subject: Subject) -> dict[str, Span]:
    """Return the packages that the variants below ask for by name, and where."""
    found: dict[str, Span] = {}
    name, seen = parent_of(subject), set[str]()
    while name in subject.project.variants and name not in seen:
        seen.add(name)
        file = subject.project.variants[name].file
        name = ""
        for instruction in lower(file.instructions, family=subject.family, arch=subject.arch):
            if instruction.keyword == "FROM" and instruction.words:
                name = instruction.words[0].text.removeprefix(NODE)
            for word, span in _asked_plainly(instruction):
                found.setdefault(word, span)
    return found


def _asked_plainly(instruction: Instruction) -> Iterator[tuple[str, Span]]:
    if _PACKAGE_VERBS.get(instruction.keyword) == "install":
        for word in instruction.words:
            yield word.text.partition("=")[0], word.span
    for command in commands(instruction):
        if command.program.startswith(HELPERS) and command.name in _PACKAGE_HELPERS:
            for each in _called(instruction, 0, command):
                if each.verb == "install":
                    yield each.name, each.span


def asked_by(instructions: Iterable[Instruction]) -> dict[str, Span]:
    """Return the packages that instructions ask for, with their version, and where.

    For those that were compiled it is what people wrote. Words with variables are left out.
    """
    found: dict[str, Span] = {}
    for instruction in (each for one in instructions for each in origins(one)):
        if _PACKAGE_VERBS.get(instruction.keyword) == "install":
            for word in instruction.words:
                found.setdefault(word.text, word.span)
        for command in commands(instruction):
            if command.program.startswith(HELPERS) and command.name in _PACKAGE_HELPERS:
                for each in _called(instruction, 0, command):
                    if each.verb == "install":
                        found.setdefault(each.text, each.span)
    return {name: span for name, span in found.items() if "$" not in name}


@once(16)
def units(subject: Subject) -> tuple[Asked, ...]:
    """Return the units that are turned on or off, in order, by instructions and by commands."""
    found: list[Asked] = []
    for number, step in enumerate(image_steps(subject)):
        verb = _UNIT_VERBS.get(step.instruction.keyword, "")
        if verb:
            is_user = any(flag.name == "user" for flag in step.instruction.flags)
            found += [_unit(each, is_user=is_user) for each in _words(step, number, verb)]
        for command in commands(step.instruction):
            found += _switched(step, number, command)
    return tuple(found)


def _unit(each: Asked, *, is_user: bool) -> Asked:
    return replace(each, name=with_suffix(each.text), is_user=is_user)


def _switched(step: Step, number: int, command: Command) -> Iterator[Asked]:
    operands = command.operands
    if command.name != "systemctl" or not operands:
        return
    verb = _SYSTEMCTL_VERBS.get(operands[0].text, "")
    is_user = command.has_option("--user", "--global")
    for word in operands[1:] if verb else ():
        if word.is_fixed and not set("*?[/") & set(word.text):
            yield Asked(
                verb=verb,
                name=with_suffix(word.text),
                text=word.text,
                number=number,
                siblings=len(operands) - 2,
                is_user=is_user,
                instruction=step.instruction,
                span=word.span,
            )


def with_suffix(name: str) -> str:
    """Return a unit's name with its kind: a service, when none is written."""
    return name if name.endswith(_SUFFIXES) else f"{name}.service"


def template_of(unit: str) -> str:
    """Return the template that an instance comes from, any other unit as it is."""
    name, at, rest = unit.partition("@")
    return f"{name}@.{rest.rpartition('.')[2]}" if at else unit


def without_word(each: Asked) -> Fix | None:
    """Return the fix that takes a word out, None where that would not be simple.

    Another word has to stay, and a line that goes must be one that is continued.
    """
    span = each.span
    source = span.source
    if "\n" in span.text or each.siblings < 1:
        return None
    line = source.line(span.line).strip()
    title = f"remove {span.text}"
    if line in (f"{span.text} \\", f"{span.text}\\"):
        return Fix(title=title, edits=(without_lines(span),))
    start = span.start
    while start > 0 and source.text[start - 1] in " \t":
        start -= 1
    if source.text[start - 1 : start] in ("\n", ""):
        return None
    return Fix(title=title, edits=(Edit(span=source.span(start, span.end), text=""),))

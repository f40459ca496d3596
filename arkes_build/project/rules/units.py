"""Look at the units that a file turns on or off: are they there, and is it said once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Edit, Fix, Label, Severity, did_you_mean
from arkes_build.project.rules.brought import brought
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.config_lines import sections
from arkes_build.project.rules.declared import packages, template_of, units, without_word
from arkes_build.project.rules.image import HELPERS, image_steps, parent_of
from arkes_build.project.rules.once import once
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.known import Known
    from arkes_build.project.rules.brought import Brought
    from arkes_build.project.rules.declared import Asked
    from arkes_build.project.rules.subject import Subject

UNKNOWN = Rule(
    code="unit-unknown",
    title="A unit is turned on or off that nothing brings.",
    severity=Severity.WARNING,
)
NO_INSTALL = Rule(
    code="unit-no-install", title="A unit that is to be enabled has no [Install] section."
)
TWICE = Rule(code="unit-twice", title="A unit is named twice.", severity=Severity.WARNING)
CONTRADICTION = Rule(
    code="unit-contradiction",
    title="A unit is enabled, and disabled or masked, in the same file.",
    severity=Severity.WARNING,
)
BY_RUN = Rule(
    code="unit-by-run",
    title="A Systemfile calls systemctl where an instruction says the same.",
    severity=Severity.NOTE,
)
RULES = (UNKNOWN, NO_INSTALL, TWICE, CONTRADICTION, BY_RUN)

_PLACE = re.compile(r"(?:etc|usr/lib|usr/local/lib|lib)/systemd/(system|user)/([^/]+)")
_HARMLESS = frozenset({"systemctl", "systemd-sysusers", "systemd-tmpfiles", "rm", "true", "set"})
"""Programs that bring no unit."""
_INSTRUCTIONS = {"enable": "ENABLE", "disable": "DISABLE", "mask": "MASK"}
_DONE = {"enable": "enabled", "disable": "disabled", "mask": "masked"}
_UNKNOWN_KIND = {True: "user unit", False: "unit"}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is wrong with the units that a file names."""
    files = _unit_files(subject)
    sure = _all_units(subject)
    seen: dict[tuple[str, bool], Asked] = {}
    for each in units(subject):
        before = seen.setdefault((each.name, each.is_user), each)
        if before is not each:
            yield _again(before, each)
        own = files.get((template_of(each.name), each.is_user))
        if own is not None and each.verb == "enable" and each.instruction.keyword == "ENABLE":
            yield from _not_installable(each, own)
        if sure is not None and own is None:
            yield from _unknown(each, sure, frozenset(name for name, _ in files))
    if subject.part.file.source.name.endswith("Systemfile"):
        for step in image_steps(subject):
            yield from _by_run(step.instruction)


@once(16)
def _unit_files(subject: Subject) -> dict[tuple[str, bool], Brought]:
    """Return the unit files of overlays and COPYs, by name and whether it is a user's."""
    found: dict[tuple[str, bool], Brought] = {}
    for each in brought(subject):
        place = _PLACE.fullmatch(each.path)
        if place:
            found[place[2], place[1] == "user"] = each
            found.setdefault((template_of(place[2]), place[1] == "user"), each)
    return found


def _again(before: Asked, each: Asked) -> Diagnostic:
    verbs = {before.verb, each.verb}
    if "enable" in verbs and len(verbs) > 1:
        return CONTRADICTION.finding(
            f"{each.name} is {_DONE[each.verb]} here and {_DONE[before.verb]} above",
            each.span,
            remedy="keep one of the two",
            related=(Label(span=before.span, text=f"{_DONE[before.verb]} here"),),
        )
    return TWICE.finding(
        f"{each.name} is named a second time",
        each.span,
        remedy="remove one of the two",
        related=(Label(span=before.span, text="first named here"),),
        fix=without_word(each),
    )


def _not_installable(each: Asked, own: Brought) -> Iterator[Diagnostic]:
    text = own.text()
    if text is not None and "Install" not in sections(text):
        yield NO_INSTALL.finding(
            f"{each.name} has no [Install] section: nothing says what starts it",
            each.span,
            remedy=f"add to /{own.path}: [Install] and WantedBy=multi-user.target; a unit that "
            "others start needs no ENABLE",
        )


def _all_units(subject: Subject) -> Known | None:
    """Return what is known if that is all there can be, besides the file's own units.

    1. The parent was built, and nothing here can bring a unit: its units are all.
    2. The node was built, with all the packages that it asks for now: its units are all.
    """
    parent, own = subject.known.get(parent_of(subject)), subject.known.get(subject.part.name)
    if not all(_brings_no_unit(step.instruction) for step in image_steps(subject)):
        return None
    new = {each.name for each in packages(subject) if each.verb == "install"}
    if own is not None and own.units and new <= own.packages.keys():
        return own
    return parent if parent is not None and parent.units and not new else None


def _brings_no_unit(instruction: Instruction) -> bool:
    if instruction.keyword in ("COPY", "ADD"):
        is_local = instruction.flag("from") is None and instruction.keyword == "COPY"
        return is_local and not any(set("*?[$") & set(word.text) for word in instruction.words)
    return all(
        command.name in _HARMLESS or command.program.startswith(HELPERS)
        for command in commands(instruction)
    )


def _unknown(each: Asked, known: Known, own: frozenset[str]) -> Iterator[Diagnostic]:
    names = known.user_units if each.is_user else known.units
    if each.name in names or template_of(each.name) in names:
        return
    kind = _UNKNOWN_KIND[each.is_user]
    yield UNKNOWN.finding(
        f"there is no {kind} {each.name}: neither the parent nor this file brings it",
        each.span,
        remedy=_near(each.name, names | own)
        or "correct the name, or install the package that has it",
    )


def _near(unit: str, known: frozenset[str]) -> str:
    """Return a question for the nearest unit of the same kind."""
    stem, _, kind = unit.rpartition(".")
    stems = [name.rpartition(".")[0] for name in known if name.endswith(f".{kind}")]
    return did_you_mean(stem, stems)


def _by_run(instruction: Instruction) -> Iterator[Diagnostic]:
    called = commands(instruction)
    for command in called:
        operands = command.operands
        verb = _INSTRUCTIONS.get(operands[0].text, "") if operands else ""
        names = operands[1:]
        is_plain = all(w.is_fixed and not set("*?[/") & set(w.text) for w in names)
        if command.name == "systemctl" and verb and names and is_plain:
            fix = _instead(instruction, verb) if len(called) == 1 else None
            yield BY_RUN.finding(
                f"{verb} says this, and keeps it when a later layer applies the presets",
                command.span,
                remedy=f"write {verb} {' '.join(word.text for word in names)}",
                fix=fix,
            )


def _instead(instruction: Instruction, verb: str) -> Fix | None:
    """Return the fix that writes the instruction, for the plain form of the command alone."""
    (command,) = commands(instruction)
    words, span = command.words, instruction.span
    start = instruction.words[0].span.start
    is_plain = len(command.arguments) == len(command.operands) and all(w.is_fixed for w in words)
    is_alone = instruction.words[0].span.text.strip() == command.span.text
    if not (is_plain and is_alone and not instruction.flags and words[0].span.start == start):
        return None
    if set("*?[/\"'") & set("".join(word.text for word in words[2:])):
        return None
    keyword = span.source.span(span.start, span.start + len("RUN"))
    command_words = span.source.span(start, words[2].span.start)
    edits = (Edit(span=keyword, text=verb), Edit(span=command_words, text=""))
    return Fix(title=f"write {verb}", edits=edits)

"""Look for habits of the shell that do nothing, or too much, in a build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules import spots
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject

SUDO = Rule(
    code="sudo-needless", title="sudo is called where root works.", severity=Severity.WARNING
)
CD_ALONE = Rule(
    code="cd-alone",
    title="A RUN changes the folder and does nothing there.",
    severity=Severity.WARNING,
)
WORLD_WRITABLE = Rule(
    code="world-writable",
    title="Everybody may write a file of the system.",
    severity=Severity.WARNING,
)
RULES = (SUDO, CD_ALONE, WORLD_WRITABLE)

_WORDS = re.compile("sudo|doas|chmod|cd ")
_SUDO = re.compile(r"(?:[A-Za-z_]\w*=\S*\s+)*(?:sudo|doas)(?=\s)")
_AS_OTHER = re.compile(r"\s(?:-u|--user|-g|--group)[\s=]?")
_OCTAL_MODE = re.compile(r"0?[0-7]?[0-7]{2}[2367]")
_LETTER_MODE = re.compile(r"[ug]*[ao][ugoa]*[+=][rxXst]*w[rwxXst]*")
_STICKY = re.compile(r"0?[1357][0-7]{3}")
_SCRATCH = re.compile(r"/(?:var/)?tmp(?:/|\Z)|/dev/shm")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield commands that are habit rather than need."""
    others: set[int] = set()
    for step in subject.walked.steps:
        instruction = step.instruction
        if instruction.keyword == "USER":
            is_root = instruction.text.strip("\"'").partition(":")[0] in ("root", "0")
            (others.discard if is_root else others.add)(step.stage)
        found = commands(instruction) if spots.may_run(instruction, _WORDS) else ()
        yield from _cd_alone(instruction, found)
        for command in found:
            if step.stage not in others:
                yield from _sudo(command)
            yield from _mode(command)
        if instruction.keyword in ("COPY", "ADD"):
            yield from _copied_mode(instruction)


def _cd_alone(instruction: Instruction, found: Sequence[Command]) -> Iterator[Diagnostic]:
    if found and all(command.name == "cd" for command in found):
        yield CD_ALONE.finding(
            "the next instruction begins in the old folder again",
            spots.first_line(instruction),
            remedy="write WORKDIR, or put the command that needs the folder into the same RUN",
        )


def _sudo(command: Command) -> Iterator[Diagnostic]:
    text = command.span.text
    found = _SUDO.match(text)
    if found and not _AS_OTHER.search(text.partition(command.program)[0]):
        yield SUDO.finding(
            "a RUN is root's work already",
            command.span.source.span(command.span.start, command.span.start + found.end()),
            remedy="take sudo out; for another user write `runuser -u NAME -- …`",
        )


def _mode(command: Command) -> Iterator[Diagnostic]:
    operands = command.operands
    if command.name != "chmod" or len(operands) < 2:  # noqa: PLR2004 - a mode and a file
        return
    if _is_open(operands[0].text) and not all(_SCRATCH.match(w.text) for w in operands[1:]):
        yield _writable(operands[0].text, command)


def _is_open(mode: str) -> bool:
    if _STICKY.fullmatch(mode):
        return False
    return bool(_OCTAL_MODE.fullmatch(mode) or _LETTER_MODE.fullmatch(mode))


def _writable(mode: str, command: Command) -> Diagnostic:
    return WORLD_WRITABLE.finding(
        f"with the mode {mode} every user and every service may change it",
        spots.call(command),
        remedy="let the owner write: 755 for folders and programs, 644 for files",
    )


def _copied_mode(instruction: Instruction) -> Iterator[Diagnostic]:
    for flag in instruction.flags:
        if flag.name == "chmod" and flag.value and _is_open(flag.value):
            yield WORLD_WRITABLE.finding(
                f"with the mode {flag.value} every user and every service may change it",
                flag.span,
                remedy="let the owner write: 755 for folders and programs, 644 for files",
            )

"""Point at the part of an instruction that a finding is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Edit, Fix

if TYPE_CHECKING:
    import re

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.shell_words import Command


def keyword(instruction: Instruction) -> Span:
    """Return the place of an instruction's keyword."""
    start = instruction.span.start
    return instruction.span.source.span(start, start + len(instruction.keyword))


def first_line(instruction: Instruction) -> Span:
    """Return the place of an instruction's first line."""
    text = instruction.span.text.partition("\n")[0].rstrip()
    start = instruction.span.start
    return instruction.span.source.span(start, start + len(text))


def may_run(instruction: Instruction, words: re.Pattern[str]) -> bool:
    """Tell whether the text of a RUN has one of the words that a rule looks for.

    To read a command takes a hundred times as long, and an editor asks at each keypress.
    """
    return instruction.keyword == "RUN" and words.search(instruction.span.text) is not None


def call(command: Command) -> Span:
    """Return the place of a command from its program on, without the shell's ``then`` or ``do``."""
    if not command.words:
        return command.span
    first = command.words[0].span.start
    return command.span.source.span(first, max(first, command.span.end))


def replaced(title: str, span: Span, text: str) -> Fix:
    """Return a fix that writes another text in one place."""
    return Fix(title=title, edits=(Edit(span=span, text=text),))

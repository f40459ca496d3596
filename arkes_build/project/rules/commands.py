"""Tell which programs a RUN starts: enough of a shell to look at, never to run anything.

Tolerant on purpose: any text gives some commands, in time proportional to its length.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.language.nodes import Form
from arkes_build.project.rules import shell_text
from arkes_build.project.rules.once import once
from arkes_build.project.rules.shell_reader import ShellReader
from arkes_build.project.rules.shell_text import ShellText
from arkes_build.project.rules.shell_words import Command, ShellWord, without_wrappers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.language.nodes import Instruction

SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})

LONGEST_SCRIPT = 100_000
"""Characters of one script that are read: a longer one would keep an editor waiting."""

_DEEPEST = 4
"""How many shells inside shells (``sh -c "sh -c …"``) are looked into."""


def commands(instruction: Instruction) -> tuple[Command, ...]:
    """Return the commands of a RUN in the order in which they end; none for others.

    Commands inside ``$(…)`` come before the one that uses them. Assignments, shell keywords
    and ``sudo``, ``exec``, ``env`` and the like in front of a command are taken off. Bodies of
    here-documents count where a shell reads them.
    """
    return _remembered(instruction) if instruction.keyword == "RUN" else ()


@once(10_000)
def _remembered(instruction: Instruction) -> tuple[Command, ...]:
    return tuple(_commands(instruction)) if instruction.words else ()


def _commands(instruction: Instruction) -> Iterator[Command]:
    if instruction.form is Form.EXEC:
        words = tuple(
            ShellWord(text=word.text, is_fixed=True, span=word.span) for word in instruction.words
        )
        source = words[0].span.source
        span = source.span(words[0].span.start, words[-1].span.end)
        assignments, words = without_wrappers(words)
        yield from _with_scripts(Command(words=words, assignments=assignments, span=span), 0)
        return
    documents = list(instruction.heredocs)
    for command in _all(shell_text.joined(instruction.words[0].span), 0):
        yield command
        for redirect in command.redirects:
            if redirect.operator in ("<<", "<<-") and documents:
                body = shell_text.document(documents.pop(0))
                if _reads_commands(command) and _is_for_shell(body.text):
                    yield from _all(body, 1)


def _all(text: ShellText, depth: int) -> Iterator[Command]:
    if len(text.text) > LONGEST_SCRIPT:
        text = replace(text, text=text.text[:LONGEST_SCRIPT])
    for command in ShellReader(text).read():
        yield from _with_scripts(command, depth)


def _with_scripts(command: Command, depth: int) -> Iterator[Command]:
    """Yield a command, then those of the script that it hands to a shell with ``-c``."""
    yield command
    if depth == _DEEPEST or command.name not in SHELLS:
        return
    for option, script in zip(command.arguments, command.arguments[1:], strict=False):
        if option.text.startswith("-") and option.text.endswith("c"):
            inner = ShellText(text=script.text, source=script.span.source, whole=script.span)
            yield from _all(inner, depth + 1)
            return


def _reads_commands(command: Command) -> bool:
    return not command.words or (
        command.name in SHELLS and all(a.text.startswith("-") for a in command.arguments)
    )


def _is_for_shell(body: str) -> bool:
    if not body.startswith("#!"):
        return True
    words = body.partition("\n")[0][2:].split()
    return any(word.rpartition("/")[2] in SHELLS for word in words[:2])

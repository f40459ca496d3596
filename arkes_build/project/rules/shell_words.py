"""Name the parts of a shell's command: what rules look at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.source import Span

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_KEYWORDS = frozenset(
    {
        "!",
        "{",
        "}",
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "esac",
        "while",
        "until",
        "do",
        "done",
        "time",
    }
)
_VALUED_OPTIONS = {
    "builtin": (),
    "busybox": (),
    "command": (),
    "doas": ("-u", "-C"),
    "eatmydata": (),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "exec": ("-a",),
    "ionice": ("-c", "-n"),
    "nice": ("-n",),
    "nohup": (),
    "sudo": ("-u", "-g", "-C", "-h", "-p", "--user", "--group"),
}
"""Programs that start another one, and their options that take a word of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellWord:
    """One word, quotes taken off. ``is_fixed`` is False when a variable or ``$(…)`` is in it."""

    text: str
    is_fixed: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A ``> file``; the operator without the number in front (``2>&1`` is ``>&``)."""

    operator: str
    target: ShellWord

    @property
    def is_write(self) -> bool:
        """Tell whether the target is a file that is written."""
        return self.operator in (">", ">>", ">|", "&>", "&>>", "<>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: ``words`` begin with the program; none for a bare assignment or redirect."""

    words: tuple[ShellWord, ...] = ()
    assignments: tuple[ShellWord, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    span: Span = field(compare=False, repr=False)
    """From the first word, whatever was taken off in front included, to the last."""

    @property
    def program(self) -> str:
        """Return the program as written, empty when there is none."""
        return self.words[0].text if self.words else ""

    @property
    def name(self) -> str:
        """Return the program's name without its folder."""
        return self.program.rpartition("/")[2]

    @property
    def arguments(self) -> tuple[ShellWord, ...]:
        """Return the words behind the program."""
        return self.words[1:]

    @property
    def operands(self) -> tuple[ShellWord, ...]:
        """Return the arguments that are no options; behind ``--`` all of them."""
        found: list[ShellWord] = []
        for at, word in enumerate(self.arguments):
            if word.text == "--":
                return (*found, *self.arguments[at + 1 :])
            if not word.text.startswith("-") or word.text == "-":
                found.append(word)
        return tuple(found)

    def has_option(self, *names: str) -> bool:
        """Tell whether an option is given: ``--system``, ``-r`` (also inside ``-mr``)."""
        texts = [word.text.partition("=")[0] for word in self.arguments]
        short = {name[1] for name in names if not name.startswith("--")}
        return any(
            text in names
            or (text[:1] == "-" and text[:2] != "--" and not short.isdisjoint(text[1:]))
            for text in texts
        )


def without_wrappers(
    words: Sequence[ShellWord],
) -> tuple[tuple[ShellWord, ...], tuple[ShellWord, ...]]:
    """Return the assignments in front of a command, and its words from the program on."""
    assignments, at = [], 0
    while at < len(words):
        word = words[at]
        name = word.text.rpartition("/")[2]
        if _ASSIGNMENT.match(word.text):
            assignments.append(word)
            at += 1
        elif word.text in _KEYWORDS:
            at += 1
        elif name in _VALUED_OPTIONS and not _asks(words, at):
            at = _behind_options(words, at + 1, _VALUED_OPTIONS[name])
        else:
            break
    return tuple(assignments), tuple(words[at:])


def _asks(words: Sequence[ShellWord], at: int) -> bool:
    """Tell whether this is ``command -v`` (asks, starts nothing), or has nothing behind it."""
    return at + 1 == len(words) or words[at + 1].text in ("-v", "-V", "--list", "--help")


def _behind_options(words: Sequence[ShellWord], at: int, valued: tuple[str, ...]) -> int:
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in valued else 1
    return at

"""Tell which absolute paths the commands of a RUN write, make or remove."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from arkes_build.project.patterns import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.project.rules.shell_words import Command, ShellWord


class Kind(Enum):
    """Say what a command makes at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A path, without a slash in front, that a command writes.

    The path ends where the first variable begins.
    """

    path: str
    kind: Kind
    span: Span = field(compare=False, repr=False)


def writes(command: Command) -> Iterator[Write]:
    """Yield what a command writes, as far as its text says it."""
    for redirect in command.redirects:
        if redirect.is_write:
            yield from _at(redirect.target, Kind.FILE)
    name = command.name
    if name == "mkdir" or (name == "install" and command.has_option("-d", "--directory")):
        for word in command.operands:
            yield from _at(word, Kind.FOLDER)
    elif name in ("touch", "tee", "truncate"):
        for word in command.operands:
            yield from _at(word, Kind.FILE)
    elif name in ("cp", "mv", "install", "ln", "rsync"):
        yield from _last(command, Kind.LINK if name == "ln" else Kind.FILE)
    elif name == "crontab" and not command.has_option("-l", "-r"):
        yield Write(path="var/spool/cron/root", kind=Kind.FILE, span=command.span)
    elif name in _OUTPUT:
        yield from _behind(command, _OUTPUT[name])


def removes(command: Command) -> Iterator[str]:
    """Yield the paths that a command removes or moves away, without a slash in front."""
    if command.name in ("rm", "rmdir", "unlink"):
        words = command.operands
    elif command.name == "mv":
        words = command.operands[:-1]
    else:
        return
    for word in words:
        if word.is_fixed and word.text.startswith("/"):
            yield normal(word.text.rstrip("*"))


_OUTPUT = {
    "curl": ("-o", "--output"),
    "wget": ("-O", "--output-document"),
    "tar": ("-C", "--directory"),
    "unzip": ("-d",),
}
"""Program → options whose value is what it writes."""


def _at(word: ShellWord, kind: Kind) -> Iterator[Write]:
    if word.text.startswith("/"):
        path = normal(word.text if word.is_fixed else word.text.partition("$")[0])
        yield Write(path=path, kind=kind, span=word.span)


def _last(command: Command, kind: Kind) -> Iterator[Write]:
    """Yield the target of a copy: behind ``-t``, else the last of several operands."""
    found = list(_behind(command, ("-t", "--target-directory")))
    if found:
        yield from found
    elif len(command.operands) > 1:
        yield from _at(command.operands[-1], kind)


def _behind(command: Command, options: tuple[str, ...]) -> Iterator[Write]:
    words = command.arguments
    for word, following in pairwise(words):
        if word.text in options:
            yield from _at(following, Kind.FILE)

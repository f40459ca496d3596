"""Write plain instructions: quoted for whoever reads them, and each told what it is made of."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from arkes_build.language.nodes import Flag, Form, Word
from arkes_build.project.declare.lowered import Lowered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction

SCRIPTS = "/usr/lib/system"
"""Where the helper scripts are in the image."""

WIDTH = 88
"""Longest command on one line, in characters; a longer one has a word on each."""

_SHELL = ("/bin/sh", "-c")


class Writer:
    """Write the instructions that some declarations become."""

    def __init__(self, made_of: Sequence[Instruction], *, default_shell: bool) -> None:
        self.made_of = tuple(made_of)
        self.default_shell = default_shell

    def run(
        self,
        words: Sequence[str],
        *,
        variables: Mapping[str, str] | None = None,
        mounts: Iterable[str] = (),
    ) -> Instruction:
        """Return a RUN of a command, with variables of its environment.

        The shell form, which people read best, where /bin/sh reads it for certain; else
        the exec form.
        """
        before = [
            f"{name}={shlex.quote(value) if value else ''}"
            for name, value in (variables or {}).items()
        ]
        quoted = [shlex.quote(each) for each in words]
        flags = tuple(self._flag("mount", mount) for mount in mounts)
        if self.default_shell and all(text.isprintable() for text in (*before, *quoted)):
            lines = _lines(before, quoted)
            text = " ".join(lines)
            return self._made("RUN", lines, (text,), form=Form.SHELL, flags=flags)
        argv = (*_SHELL, " ".join((*before, *quoted))) if before else tuple(words)
        text = json.dumps(list(argv), ensure_ascii=False)
        return self._made("RUN", (text,), argv, form=Form.EXEC, flags=flags)

    def copy(self, source: str, destination: str) -> Instruction:
        """Return a COPY from the build context; neither path needs quotes."""
        return self._made(
            "COPY", (f"{source} {destination}",), (source, destination), form=Form.WORDS
        )

    def argument(self, name: str) -> Instruction:
        """Return an ARG, whose value the compiler supplies."""
        return self._made("ARG", (name,), (name,), form=Form.PAIRS)

    def user(self, name: str) -> Instruction:
        """Return a USER."""
        return self._made("USER", (name,), (name,), form=Form.SHELL)

    def _flag(self, name: str, value: str) -> Flag:
        return Flag(name=name, value=value, span=self._span)

    @property
    def _span(self) -> Span:
        return self.made_of[0].span

    def _made(
        self,
        keyword: str,
        lines: tuple[str, ...],
        words: tuple[str, ...],
        *,
        form: Form,
        flags: tuple[Flag, ...] = (),
    ) -> Lowered:
        return Lowered(
            keyword=keyword,
            flags=flags,
            words=tuple(Word(text=text, span=self._span) for text in words),
            form=form,
            text=" ".join(lines),
            lines=lines,
            heredocs=(),
            span=self._span,
            made_of=self.made_of,
        )


def _filled(words: Sequence[str]) -> Iterator[str]:
    """Yield lines of as many words as fit."""
    line = words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line += f" {word}"
    yield line


def _lines(before: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    whole = " ".join((*before, *words))
    if len(whole) <= WIDTH:
        return (whole,)
    if before:
        return (*_filled(before), " ".join(words))
    return tuple(_with_flags(words))


def _with_flags(words: Sequence[str]) -> Iterator[str]:
    """Yield a word a line; a flag without a value stands before the first of its words."""
    flag = ""
    for word in words:
        if flag or not word.startswith("--") or "=" in word:
            yield f"{flag}{word}"
            flag = ""
        else:
            flag = f"{word} "
    if flag:
        yield flag.rstrip()

"""Name the parts of a Systemfile: what the parser makes and everybody reads.

Spans are left out of comparison: two texts with the same meaning are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Source, Span


class Form(Enum):
    """Say how an instruction's arguments were written."""

    SHELL = "shell"
    """Free text (``RUN make``); ``words`` holds the whole text as one word.

    ``HEALTHCHECK CMD curl …`` has two: ``CMD`` and the command.
    """
    EXEC = "exec"
    """A JSON list (``RUN ["make"]``); ``words`` holds its decoded items.

    With ``HEALTHCHECK CMD [ … ]`` the first word is ``CMD``.
    """
    WORDS = "words"
    """Words split at white space (``COPY a b``), quotes still in place."""
    PAIRS = "pairs"
    """``name=value`` words (``ENV A=1 B="2 3"``), quotes still in place.

    ``ARG`` also has bare names. The old form ``ENV A some text`` is the one word
    ``A=some\\ text``.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """A parser directive at the very top: ``# syntax=…``, ``# escape=…``, ``# check=…``."""

    name: str
    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A ``# x-KEY=VALUE`` comment above the first instruction; a flag has no value."""

    key: str
    """The key with its ``x-``, lower case."""
    value: str | None
    span: Span = field(compare=False, repr=False)
    value_span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def items(self) -> tuple[str, ...]:
        """Return the comma-separated values, stripped, empty ones left out."""
        return tuple(part.strip() for part in (self.value or "").split(",") if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment line outside directives and headers, with its ``#``."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A ``--name=value`` of an instruction; ``value`` is None for a bare ``--name``."""

    name: str
    value: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One argument: ``text`` with continuations joined, quotes and variables untouched."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heredoc:
    """A here-document: ``body`` is its exact text (tabs already cut for ``<<-``)."""

    delimiter: str
    body: str
    expands: bool
    """False when the delimiter was quoted: variables stay as they are."""
    strips_tabs: bool
    span: Span = field(compare=False, repr=False)
    body_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction, as written.

    ``text`` is everything after the keyword and the flags, comments and blank lines
    inside gone, without the here-documents' bodies. ``lines`` is the same text, one item
    per physical line: ``text`` is ``lines`` joined by one space. Where the white space
    around a line's end has a meaning (inside quotes, in ``WORKDIR``), or there is none,
    the lines stay one item, joined as BuildKit joins them. The escape character is
    always the backslash, whatever the file has chosen. ``writer`` writes ``lines``; keys
    hash ``meaning``. Both are layout where ``words`` hold the whole meaning: they are left
    out of comparison.
    """

    keyword: str
    """Upper case; the inner keyword of ``ONBUILD`` is ``inner.keyword``."""
    flags: tuple[Flag, ...]
    words: tuple[Word, ...]
    form: Form
    text: str = field(compare=False)
    lines: tuple[str, ...] = field(compare=False)
    heredocs: tuple[Heredoc, ...]
    span: Span = field(compare=False, repr=False)
    inner: Instruction | None = None
    """What ``ONBUILD`` wraps; here-documents belong to the inner one."""

    def flag(self, name: str) -> str | None:
        """Return the last value given for a flag, or None when it is not there."""
        found = [f.value or "" for f in self.flags if f.name == name]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Systemfile:
    """A parsed Containerfile or Systemfile."""

    source: Source = field(compare=False, repr=False)
    directives: tuple[Directive, ...] = ()
    headers: tuple[Header, ...] = ()
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    instructions: tuple[Instruction, ...] = ()
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False, repr=False)
    """What the parser's checks found that does not keep the file from being used."""

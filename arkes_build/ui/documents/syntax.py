"""Type the tree of a parsed file."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.findings import (
    Diagnostic,
)
from arkes_build.ui.documents.words import (
    Schema,
    described,
)


class Extent(TypedDict):
    """A place in the file that was parsed; counted as in ``Where``."""

    line: int
    column: int
    end_line: int
    end_column: int


class ParsedDirective(TypedDict):
    """A parser directive at the very top, such as ``# escape=``."""

    name: str
    value: str
    span: Extent


class ParsedHeader(TypedDict):
    """A ``# x-KEY=VALUE`` above the first instruction; the value of a flag is null."""

    key: str
    value: str | None
    span: Extent


class ParsedComment(TypedDict):
    """A comment line, with its ``#``."""

    text: str
    span: Extent


@described
class ParsedHeredoc(TypedDict):
    """A here-document."""

    delimiter: str
    expand: bool
    """False when the delimiter was quoted: variables stay as they are."""
    strip_tabs: bool
    """``<<-``: tabs in front of each line are taken off."""
    file_descriptor: int
    content: str
    """As written, tabs included."""


@described
class ParsedInner(TypedDict):
    """What ONBUILD wraps, split in the same way."""

    name: str
    flags: list[str]
    arguments: list[str]
    json: bool
    heredocs: list[ParsedHeredoc]
    inner: ParsedInner | None


@described
class ParsedInstruction(TypedDict):
    """One instruction, split as BuildKit's parser splits it."""

    name: str
    """Upper case."""
    flags: list[str]
    """As written: ``--mount=type=cache,target=/x``."""
    arguments: list[str]
    """Quotes and variables untouched; ENV and LABEL alternate names and values."""
    json: bool
    """Whether the arguments were a JSON list."""
    heredocs: list[ParsedHeredoc]
    original: str
    """The logical line, continuations joined."""
    span: Extent
    inner: ParsedInner | None


class ParseDocument(TypedDict):
    """What ``parse --json`` prints."""

    schema: Schema
    type: Literal["parse"]
    exit_code: int
    file: str
    directives: list[ParsedDirective]
    headers: list[ParsedHeader]
    comments: list[ParsedComment]
    instructions: list[ParsedInstruction]
    diagnostics: list[Diagnostic]

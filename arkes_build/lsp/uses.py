"""Find where a file names stages and nodes, and what each name means there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from arkes_build.project.edges import SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Flag, Instruction, Systemfile

_FULL_FROM = 3
_MOUNT_FROM = re.compile(r"""(?:=|,)["']?from=([^,"'\s]+)""")
_HEADERS = {"x-depends", "x-templates"}


class Names(Enum):
    """Say what a name in a file stands for."""

    STAGE = "stage"
    NODE = "node"
    TEMPLATES = "templates"
    OVERLAY = "overlay"
    IMAGE = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One name in a file. ``span`` covers the bare name, without ``arkes:``."""

    names: Names
    text: str
    span: Span
    stage: int | None = None
    """The number of the stage that is meant."""
    declares: bool = False
    """The name is given here, not used."""


def uses_of(file: Systemfile) -> tuple[Use, ...]:
    """Return all names of stages, nodes, templates, overlays and images, by their place."""
    found = [*_in_headers(file)]
    known: dict[str, int] = {}
    number = -1
    for instruction in file.instructions:
        if instruction.keyword == "FROM":
            number += 1
            found += _in_from(instruction, known, number)
        else:
            found += _in_others(instruction, known, number)
    return tuple(sorted(found, key=lambda use: use.span.start))


def use_at(uses: tuple[Use, ...], offset: int) -> Use | None:
    """Return the name that an offset is in or right behind."""
    return next((u for u in uses if u.span.start <= offset <= u.span.end), None)


def _in_headers(file: Systemfile) -> Iterator[Use]:
    for header in file.headers:
        if header.key not in _HEADERS or header.value_span is None:
            continue
        names = Names.NODE if header.key == "x-depends" else Names.TEMPLATES
        for item in re.finditer(r"[^\s,]+", header.value_span.text):
            start = header.value_span.start + item.start()
            span = file.source.span(start, start + len(item[0]))
            yield Use(names=names, text=item[0], span=span)


def _in_from(instruction: Instruction, known: dict[str, int], number: int) -> Iterator[Use]:
    words = instruction.words
    if words:
        yield _image(words[0].text, words[0].span, known, number)
    if len(words) == _FULL_FROM:
        name = words[2].text
        known[name.lower()] = number
        yield Use(names=Names.STAGE, text=name, span=words[2].span, stage=number, declares=True)


def _in_others(instruction: Instruction, known: dict[str, int], number: int) -> Iterator[Use]:
    for flag in instruction.flags:
        for start, end in _places(instruction, flag):
            span = flag.span.source.span(start, end)
            yield _image(span.text, span, known, number)
    if instruction.keyword in ("OVERLAY", "TEMPLATE"):
        names = Names.OVERLAY if instruction.keyword == "OVERLAY" else Names.TEMPLATES
        for word in instruction.words:
            yield Use(names=names, text=word.text, span=word.span)


def _places(instruction: Instruction, flag: Flag) -> Iterator[tuple[int, int]]:
    text = flag.span.text
    if instruction.keyword == "COPY" and flag.name == "from" and flag.value:
        at = text.find(flag.value)
        if at >= 0:
            yield flag.span.start + at, flag.span.start + at + len(flag.value)
    elif instruction.keyword == "RUN" and flag.name == "mount":
        found = _MOUNT_FROM.search(text)
        if found:
            yield flag.span.start + found.start(1), flag.span.start + found.end(1)


def _image(text: str, span: Span, known: dict[str, int], number: int) -> Use:
    """Return what a name means where an image may be: a stage above, a node, an image."""
    if text.startswith(SCHEME):
        bare = span.source.span(span.start + len(SCHEME), span.end)
        return Use(names=Names.NODE, text=text.removeprefix(SCHEME), span=bare)
    if text.lower() in known:
        return Use(names=Names.STAGE, text=text, span=span, stage=known[text.lower()])
    if text.isdecimal() and int(text[:6]) < max(number, 0):
        return Use(names=Names.STAGE, text=text, span=span, stage=int(text[:6]))
    return Use(names=Names.IMAGE, text=text, span=span)

"""Follow variables: where a name was declared, and what it is worth at a place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.language.nodes import Form, Word
from arkes_build.lsp.projects import machine
from arkes_build.project.lower import lower
from arkes_build.project.scope import walk
from arkes_build.project.supply import platform_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.core.names import Family
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction, Systemfile
    from arkes_build.lsp.view import View

_NAMED = re.compile(r"(?<!\\)\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A place that gives a variable its value: ``ARG`` or ``ENV``."""

    keyword: str
    span: Span
    """The bare name."""
    stage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a variable is worth in one node; ``text`` is None when nobody knows before the build."""

    node: str
    family: Family | None
    text: str | None


def variable_at(text: str, offset: int) -> tuple[str, int, int] | None:
    """Return name, start and end of the ``$NAME`` or ``${NAME…`` that an offset is in."""
    begin = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    for found in _NAMED.finditer(text, begin, end if end >= 0 else len(text)):
        if found.start() <= offset <= found.end():
            group = 1 if found[1] else 2
            return found[group], found.start(group), found.end(group)
    return None


def declared_above(file: Systemfile, offset: int) -> dict[str, Declared]:
    """Return the variables that an instruction at an offset can name, with their nearest place.

    Those are of its own stage, of the stages that it stands on, and before the first FROM.
    """
    found = [d for d in _declarations(file) if d[1].span.start < offset]
    stage = _stage_at(file, offset)
    reachable = {-1, *_standing_on(file, stage)}
    return {name: each for name, each in found if each.stage in reachable}


def values_of(view: View, name: str, offset: int) -> list[Value]:
    """Return what a variable is worth at an offset, for each node that the text makes."""
    nodes = view.own_nodes()
    if not nodes:
        return [Value(node="", family=None, text=_value(view.file.instructions, {}, name, offset))]
    values = []
    for family, node in nodes:
        instructions = lower(view.file.instructions, family=family, arch=node.arch)
        text = _value(instructions, node.arguments, name, offset)
        values.append(Value(node=node.name, family=family, text=text))
    return values


def _value(
    instructions: tuple[Instruction, ...], supplied: Mapping[str, str], name: str, offset: int
) -> str | None:
    """Ask for a variable with an instruction of our own, put in where the offset is."""
    before = [each for each in instructions if each.span.start <= offset]
    if not before:
        return None
    here = before.pop()
    word = Word(text=f"${name}", span=here.span)
    # FROM sees other values than what follows it, ARG and ENV those that they make
    keyword = "FROM" if here.keyword == "FROM" else "COPY"
    asking = replace(
        here, keyword=keyword, flags=(), words=(word,), form=Form.WORDS, heredocs=(), inner=None
    )
    kept = [here] if here.keyword in ("ARG", "ENV") else []
    steps = walk([*before, *kept, asking], {**platform_arguments(machine()), **supplied}).steps
    return steps[-1].values.get(name)


def _declarations(file: Systemfile) -> list[tuple[str, Declared]]:
    found, stage = [], -1
    for instruction in file.instructions:
        stage += instruction.keyword == "FROM"
        if instruction.keyword not in ("ARG", "ENV"):
            continue
        for word in instruction.words:
            name = word.text.partition("=")[0]
            span = word.span.source.span(word.span.start, word.span.start + len(name))
            declared = Declared(keyword=instruction.keyword, span=span, stage=stage)
            found.append((name, declared))
    return found


def _stage_at(file: Systemfile, offset: int) -> int:
    froms = [i for i in file.instructions if i.keyword == "FROM"]
    return sum(each.span.start <= offset for each in froms) - 1


def _standing_on(file: Systemfile, stage: int) -> set[int]:
    """Return a stage and those that it stands on."""
    names: dict[str, int] = {}
    bases = []
    for number, each in enumerate(i for i in file.instructions if i.keyword == "FROM"):
        words = [word.text.lower() for word in each.words]
        bases.append(names.get(words[0], -1) if words else -1)
        if len(words) > 1:
            names[words[-1]] = number
    found = {stage}
    while 0 <= stage < len(bases) and bases[stage] >= 0:
        stage = bases[stage]
        found.add(stage)
    return found

"""Rewrite a node's own instructions, one after the other, for the engine that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arkes_build.language import writer
from arkes_build.language.nodes import Flag
from arkes_build.project.declare.lowered import origins
from arkes_build.project.scope import BEFORE, KEY_ARGUMENT, walk
from arkes_build.project.supply import platform_arguments
from arkes_build.render import arguments, heredocs, quoting
from arkes_build.render.references import Resolver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arkes_build.language.nodes import Instruction
    from arkes_build.project.model import ResolvedVariant
    from arkes_build.project.scope import Step, Walked
    from arkes_build.render.locked import Locked
    from arkes_build.render.model import Capabilities

CACHE_FOLDER = "/var/cache/arkes"
"""Where the helper scripts keep downloaded packages; mounted, so never in a layer."""

LAST_STAGE = "arkes_system"
"""Name of the last stage when its file gives it none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One instruction's text, the comments above it, and whether a blank line goes first."""

    text: str
    comments: tuple[str, ...]
    is_apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The rewritten instructions of a node.

    ``inline`` holds the files that lowered here-documents became, path → content.
    """

    blocks: tuple[Block, ...]
    last_stage: str
    inline: Mapping[str, bytes]


def write_body(
    node: ResolvedVariant,
    *,
    key: str,
    parents: Mapping[str, str],
    capabilities: Capabilities,
    locked: Locked | None = None,
) -> Body:
    """Return a node's instructions as they are to be built.

    1. Nodes become the images of ``parents``.
    2. ARG gets the values that the compiler supplies, and a label where a cache needs it.
    3. The last stage gets a name.
    4. RUN gets the package cache.
    5. In a locked build RUN gets the list of package files, and ADD what was fetched.
    6. Here-documents go where the engine has none, and overlong lines are folded.
    """
    walked = walk(node.instructions, {**platform_arguments(node.arch), **node.arguments})
    work = _Work(
        node=node,
        walked=walked,
        resolver=Resolver(
            walked=walked, images=parents, pinned=locked.images if locked is not None else {}
        ),
        supplied={**node.arguments, KEY_ARGUMENT: key},
        capabilities=capabilities,
        last_stage=_last_stage(walked),
        locked=locked,
    )
    blocks = tuple(work.blocks())
    return Body(blocks=blocks, last_stage=work.last_stage, inline=work.inline)


def _last_stage(walked: Walked) -> str:
    own = walked.stages[-1].name
    if own is not None:
        return own
    name, number = LAST_STAGE, 1
    while walked.stage(name) is not None:
        number += 1
        name = f"{LAST_STAGE}_{number}"
    return name


@dataclass(slots=True, kw_only=True)
class _Work:
    """Go through the steps, remembering what later ones need to know of earlier ones."""

    node: ResolvedVariant
    walked: Walked
    resolver: Resolver
    supplied: Mapping[str, str]
    capabilities: Capabilities
    last_stage: str
    locked: Locked | None = None
    shell: tuple[str, ...] = heredocs.DEFAULT_SHELL
    knows_key: bool = False
    inline: dict[str, bytes] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        comments = _comments(self.node)
        written = tuple(
            arguments.with_defaults(step.instruction, self.supplied) for step in self.walked.steps
        )
        above = arguments.defaults(written)
        used = arguments.used_by_stage(self.walked.steps)
        previous: Instruction | None = None
        for index, step in enumerate(self.walked.steps):
            instruction, names = self.resolver.resolve(replace(step, instruction=written[index]))
            above_it = _taken(comments, step.instruction)
            yield Block(
                text=self._text(step, instruction, index),
                comments=(*above_it, *(quoting.comment(name) for name in names)),
                is_apart=_is_apart(previous, step.instruction) or bool(above_it),
            )
            pin = arguments.pins(written[index], used.get(step.stage, ()), above)
            if pin and step.stage != BEFORE:
                yield Block(text=quoting.fold(pin), comments=(), is_apart=False)
            previous = step.instruction

    def _text(self, step: Step, instruction: Instruction, index: int) -> str:
        if instruction.keyword == "FROM":
            self.knows_key = False
            if step.stage == len(self.walked.stages) - 1:
                instruction = _named(instruction, self.last_stage)
        self.shell = heredocs.shell_of(instruction, self.shell)
        self.knows_key |= _declares_key(instruction)
        if self.locked is not None:
            instruction = self.locked.instruction(instruction, _meanings(step))
        if self.capabilities.cache_mounts:
            instruction = _with_cache(instruction, self._cache_id)
        if self.capabilities.heredocs:
            return _written(instruction)
        values = dict(step.values)
        if self.knows_key:
            values[KEY_ARGUMENT] = self.supplied[KEY_ARGUMENT]
        lowered = heredocs.lower(instruction, number=index + 1, shell=self.shell, values=values)
        self.inline |= lowered.files
        return _written(lowered.instruction)

    @property
    def _cache_id(self) -> str:
        return f"arkes-{self.node.family.value}-{self.node.arch.value}"


def _meanings(step: Step) -> dict[str, str]:
    """Return what the words of an ADD mean, as far as that is known."""
    words = step.instruction.words if step.instruction.keyword == "ADD" else ()
    found = ((word.text, step.expanded(word.text)) for word in words)
    return {text: value for text, value in found if isinstance(value, str)}


def _written(instruction: Instruction) -> str:
    text = writer.write(instruction)
    has_documents = (instruction.inner or instruction).heredocs
    return text if has_documents else quoting.fold(text)


def _named(instruction: Instruction, name: str) -> Instruction:
    if len(instruction.words) > 1:
        return instruction
    return replace(instruction, lines=(f"{instruction.lines[0]} AS {name}",))


def _declares_key(instruction: Instruction) -> bool:
    names = (word.text.partition("=")[0] for word in instruction.words)
    return instruction.keyword == "ARG" and KEY_ARGUMENT in names


def _with_cache(instruction: Instruction, name: str) -> Instruction:
    """Return a RUN with the package cache; one that mounts something there keeps its own."""
    mounts = [flag.value or "" for flag in instruction.flags if flag.name == "mount"]
    if instruction.keyword != "RUN" or any(CACHE_FOLDER in mount for mount in mounts):
        return instruction
    value = f"type=cache,target={CACHE_FOLDER},id={name}"
    flag = Flag(name="mount", value=value, span=instruction.span)
    return replace(instruction, flags=(*instruction.flags, flag))


def _comments(node: ResolvedVariant) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return the comments by the place of the instruction right below them.

    One above an instruction that counts elsewhere only goes with it.
    """
    if node.file is None:
        return {}
    source = node.file.source.name
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    remaining = list(node.file.comments)
    for instruction in node.file.instructions:
        own = []
        while remaining and remaining[0].span.start < instruction.span.end:
            own.append(remaining.pop(0))
        above = [each for each in own if each.span.start < instruction.span.start]
        texts = [each.text.lstrip("#").strip() for each in above]
        # what parts the headers from the first words is no comment of the instruction
        while texts and not texts[0]:
            del texts[0]
        found[source, instruction.span.start] = tuple(quoting.comment(text) for text in texts)
    return found


def _taken(
    comments: dict[tuple[str, int], tuple[str, ...]], instruction: Instruction
) -> tuple[str, ...]:
    """Take the comments above an instruction, or above those that it was compiled from.

    Where one became several, the first of them has the comments.
    """
    places = [(each.span.source.name, each.span.start) for each in origins(instruction)]
    return tuple(line for place in places for line in comments.pop(place, ()))


def _is_apart(previous: Instruction | None, instruction: Instruction) -> bool:
    if previous is None or instruction.keyword == "FROM":
        return True
    if previous.span.source is not instruction.span.source:
        return False
    between = previous.span.source.text[previous.span.end : instruction.span.start]
    return any(not line.strip() for line in between.split("\n")[1:-1])

"""Tell what of a file ends in the image: its steps, its parent, and which helpers it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.once import once
from arkes_build.project.scope import Unclear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.known import Known
    from arkes_build.project.rules.shell_words import Command
    from arkes_build.project.rules.subject import Subject
    from arkes_build.project.scope import Step

HELPERS = "/usr/lib/system/"
"""Where the helper scripts of the images are."""

TIDIES = frozenset(
    {
        "install_packages",
        "install_aur_packages",
        "package_layer",
        "post_build",
        "remove_packages",
        "remove_pacman_files",
        "remove_unused_packages",
        "tidy",
    }
)
"""Helper scripts at whose end folders and links of /var, and accounts, are written down."""

_TIDY_KEYWORDS = frozenset({"PACKAGES", "REMOVE", "AUR"})
NODE = "arkes:"
"""What names a node of the project where an image can stand."""


@once(64)
def image_steps(subject: Subject) -> tuple[Step, ...]:
    """Return the steps whose results are in the image, in their order.

    These are the last stage's, those of the stages it stands on, and of a stage that it
    takes as a whole (``COPY --from=whole / /``).
    """
    walked = subject.walked
    by_stage: dict[int, list[Step]] = {}
    for step in walked.steps:
        by_stage.setdefault(step.stage, []).append(step)
    wanted: set[int] = set()
    waiting = [len(walked.stages) - 1]
    while waiting:
        number = waiting.pop()
        if number in wanted or number < 0:
            continue
        wanted.add(number)
        base = walked.stages[number].base_stage
        if base is not None:
            waiting.append(base)
        for step in by_stage.get(number, ()):
            waiting += _whole_stage(subject, step.instruction)
    return tuple(step for step in walked.steps if step.stage in wanted)


def image_instructions(subject: Subject) -> tuple[Instruction, ...]:
    """Return the instructions whose results are in the image."""
    return tuple(step.instruction for step in image_steps(subject))


def image_commands(subject: Subject) -> Iterator[tuple[int, Command]]:
    """Yield the commands of the image's RUNs, each with the number of its step."""
    for number, step in enumerate(image_steps(subject)):
        for command in commands(step.instruction):
            yield number, command


def parent_of(subject: Subject) -> str:
    """Return the node that the image stands on; empty for an image from elsewhere."""
    base = subject.walked.standing.base
    return base.removeprefix(NODE) if base.startswith(NODE) else ""


def is_ours(subject: Subject) -> bool:
    """Tell whether the image stands on a node of the project."""
    return bool(parent_of(subject))


def known_of(subject: Subject, name: str) -> Known | None:
    """Return what is known of a node that was built."""
    return subject.known.get(name)


@once(64)
def last_tidy(subject: Subject) -> int:
    """Return the number of the last step that writes down what is in /var, -1 if none does."""
    last = -1
    for number, step in enumerate(image_steps(subject)):
        called = commands(step.instruction)
        if step.instruction.keyword in _TIDY_KEYWORDS or any(
            c.name in TIDIES and c.program.startswith(HELPERS) for c in called
        ):
            last = number
    return last


def value_of(step: Step, text: str) -> str:
    """Return a word with its variables replaced; as written when they are unclear."""
    found = step.expanded(text)
    return text if isinstance(found, Unclear) else found


def first_line(span: Span) -> Span:
    """Return the part of a span that is on its first line."""
    length = len(span.text.partition("\n")[0].rstrip("\r"))
    return span.source.span(span.start, span.start + length)


def _whole_stage(subject: Subject, instruction: Instruction) -> list[int]:
    stage = instruction.flag("from") if instruction.keyword == "COPY" else None
    texts = [word.text for word in instruction.words]
    if stage is None or texts != ["/", "/"]:
        return []
    number = subject.walked.stage(stage)
    return [] if number is None else [number]

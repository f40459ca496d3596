"""Look at the stages of a file: those never used, and what counts once in each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Edit, Fix, Label, Severity
from arkes_build.project.edges import mount_options
from arkes_build.project.rules import spots
from arkes_build.project.rules.image import image_steps
from arkes_build.project.rules.rule import Rule
from arkes_build.project.scope import BEFORE, Unclear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.subject import Subject
    from arkes_build.project.scope import Step

UNUSED = Rule(code="stage-unused", title="Nothing uses a stage.", severity=Severity.WARNING)
REPEATED = Rule(
    code="command-repeated",
    title="An instruction of which only the last counts stands twice in a stage.",
    severity=Severity.WARNING,
)
WORKDIR = Rule(
    code="workdir-relative",
    title="WORKDIR depends on where the parent happens to be.",
    severity=Severity.WARNING,
)
PLATFORM_FIXED = Rule(
    code="platform-fixed",
    title="FROM takes the image of one processor architecture.",
    severity=Severity.WARNING,
)
PLATFORM_REDUNDANT = Rule(
    code="platform-redundant",
    title="FROM asks for the platform that it gets anyway.",
    severity=Severity.WARNING,
)
USER_LEFT = Rule(
    code="user-not-root",
    title="The image ends as another user than root.",
    severity=Severity.WARNING,
)
CONTAINER_ONLY = Rule(
    code="container-only",
    title="An instruction means something to a container only.",
    severity=Severity.NOTE,
)
RULES = (
    UNUSED,
    REPEATED,
    WORKDIR,
    PLATFORM_FIXED,
    PLATFORM_REDUNDANT,
    USER_LEFT,
    CONTAINER_ONLY,
)

_ONCE = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK"})
_FOR_CONTAINERS = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL"})
_WHOLE = re.compile(r"[/\\$]|[A-Za-z]:")
_ROOT = frozenset({"root", "0"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is odd about stages."""
    yield from _unused(subject)
    yield from _repeated(subject.walked.steps)
    yield from _workdirs(subject)
    for stage in subject.walked.stages:
        yield from _platform(stage.step.instruction)
    yield from _user(subject)
    for step in image_steps(subject):
        if step.instruction.keyword in _FOR_CONTAINERS:
            yield _container_only(step.instruction)


def _unused(subject: Subject) -> Iterator[Diagnostic]:
    walked = subject.walked
    if len(walked.stages) == 1:
        return
    uses: dict[int, set[int]] = {}
    for step in walked.steps:
        uses.setdefault(step.stage, set()).update(_used(subject, step))
    for number, stage in enumerate(walked.stages):
        if stage.base_stage is not None:
            uses.setdefault(number, set()).add(stage.base_stage)
    reached, waiting = set[int](), [len(walked.stages) - 1]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            waiting += uses.get(number, ())
    for number, stage in enumerate(walked.stages):
        if number not in reached:
            name = f"the stage {stage.name!r}" if stage.name else f"stage number {number}"
            yield UNUSED.finding(
                f"nothing that ends in the image uses {name}",
                spots.first_line(stage.step.instruction),
                remedy="take it out, or copy from it with COPY --from",
            )


def _used(subject: Subject, step: Step) -> Iterator[int]:
    """Yield the numbers of the stages that a step takes files from."""
    for flag in step.instruction.flags:
        text = ""
        if flag.name == "from":
            text = flag.value or ""
        elif flag.name == "mount":
            text = mount_options(flag).get("from", "")
        name = step.expanded(text) if text else ""
        number = None if isinstance(name, Unclear) else subject.walked.stage(name)
        if number is not None:
            yield number


def _repeated(steps: tuple[Step, ...]) -> Iterator[Diagnostic]:
    last: dict[tuple[int, str], Instruction] = {}
    for step in steps:
        place = (step.stage, step.instruction.keyword)
        before = last.get(place)
        if step.instruction.keyword in _ONCE and before is not None:
            yield REPEATED.finding(
                f"{before.keyword} counts for nothing: a later one replaces it",
                spots.first_line(before),
                remedy="take it out",
                related=(Label(span=spots.first_line(step.instruction), text="this one counts"),),
            )
        last[place] = step.instruction


def _workdirs(subject: Subject) -> Iterator[Diagnostic]:
    known: set[int] = set()
    for step in subject.walked.steps:
        instruction = step.instruction
        if instruction.keyword == "FROM":
            if subject.walked.stages[step.stage].base_stage in known:
                known.add(step.stage)
        elif instruction.keyword == "WORKDIR" and step.stage not in known:
            text = instruction.text.strip("\"'")
            if text and not _WHOLE.match(text):
                yield WORKDIR.finding(
                    f"WORKDIR {text[:40]} begins wherever the parent image was",
                    spots.first_line(instruction),
                    remedy=f"write the whole path, such as WORKDIR /usr/src/{text[:40]}",
                )
            known.add(step.stage)


def _platform(instruction: Instruction) -> Iterator[Diagnostic]:
    for flag in (f for f in instruction.flags if f.name == "platform" and f.value):
        value = flag.value or ""
        if value in ("$TARGETPLATFORM", "${TARGETPLATFORM}"):
            blank = flag.span.source.span(flag.span.start, flag.span.end + 1)
            whole = blank if blank.text.endswith((" ", "\t")) else flag.span
            yield PLATFORM_REDUNDANT.finding(
                "this is the platform that FROM takes without a flag",
                flag.span,
                remedy="take the flag out",
                fix=Fix(title="take the flag out", edits=(Edit(span=whole, text=""),)),
            )
        elif "$" not in value:
            yield PLATFORM_FIXED.finding(
                f"this takes an image for {value[:40]}, whatever is built",
                flag.span,
                remedy="take the flag out, or write --arch=… at the instruction "
                "that is for one architecture only",
            )


def _user(subject: Subject) -> Iterator[Diagnostic]:
    last = [s for s in image_steps(subject) if s.instruction.keyword == "USER" and s.stage > BEFORE]
    if not last:
        return
    instruction = last[-1].instruction
    name = instruction.text.strip("\"'").partition(":")[0]
    if name and name not in _ROOT and "$" not in name:
        yield USER_LEFT.finding(
            f"the image ends as the user {name[:40]!r}, and what stands on it begins as that one",
            spots.first_line(instruction),
            remedy="write USER root behind what needed another user",
        )


def _container_only(instruction: Instruction) -> Diagnostic:
    return CONTAINER_ONLY.finding(
        f"{instruction.keyword} counts when a container is started, and a booted system "
        "does not look at it",
        spots.keyword(instruction),
        remedy="take it out; a program that is to run gets a unit and ENABLE, "
        "an open port a rule of the firewall",
    )

"""Turn a file's declarative instructions into plain ones, segment by segment.

A segment is what stands between two instructions that act on the tree (``BARRIERS``). Its
declarations are merged and put in the language's order where the last of them stands, so
that each of them sees the ARG and ENV above it. Nothing is moved across a barrier.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arkes_build.language import writer
from arkes_build.language.keywords import DECLARATIVE
from arkes_build.language.nodes import Form
from arkes_build.project.declare import block as blocks
from arkes_build.project.declare.block import BASE, Block
from arkes_build.project.declare.checks import check_stage, check_together, check_values
from arkes_build.project.declare.declaration import read
from arkes_build.project.declare.lowered import Lowered, is_declarative, origins
from arkes_build.project.declare.overlaid import laid_by, overlays_of
from arkes_build.project.declare.writing import Writer
from arkes_build.project.edges import SCHEME
from arkes_build.project.scope import Unclear

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Family
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.declare.declaration import Declaration
    from arkes_build.project.declare.priority import Laid
    from arkes_build.project.overlays import Overlays
    from arkes_build.project.scope import Step, Walked

BARRIERS = frozenset({"ADD", "COPY", "FROM", "RUN", "SHELL", "USER", "WORKDIR"})
"""Instructions that no declaration is moved across."""

_ROOT = frozenset({"", "root", "0"})


def _nobody(_base: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a file's meaning depends on besides its text."""

    family: Family
    overlays: Overlays
    user_of: Callable[[str], str] = _nobody
    """The USER that an image (``arkes:NAME``) leaves in effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Plain instructions, and what is wrong with those that people wrote."""

    instructions: tuple[Instruction, ...]
    findings: tuple[Diagnostic, ...]


def compile_file(walked: Walked, around: Surroundings) -> Compiled:
    """Return a file's instructions with plain ones in the place of the declarative.

    ``walked`` follows the instructions that count for the family. A declaration with an
    error is left out. Plain instructions are the same objects as before.
    """
    compiler = _Compiler(walked, around)
    compiler.run()
    return Compiled(instructions=tuple(compiler.out), findings=tuple(compiler.findings))


@dataclass(slots=True, kw_only=True)
class _Stage:
    """What is in effect in a stage where the compiler stands."""

    user: str = ""
    default_shell: bool = True
    declares_aur_base: bool = False
    laid: list[Laid] = field(default_factory=list)
    everywhere: list[Laid] = field(default_factory=list)
    said: list[Declaration] = field(default_factory=list)


def check_file(walked: Walked, around: Surroundings) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a file's declarations, and write nothing."""
    compiler = _Compiler(walked, around, writes=False)
    compiler.run()
    return tuple(compiler.findings)


class _Compiler:
    def __init__(self, walked: Walked, around: Surroundings, *, writes: bool = True) -> None:
        self.walked = walked
        self.around = around
        self.writes = writes
        self.out: list[Instruction] = []
        self.findings: list[Diagnostic] = []
        self.overlaid = overlays_of(walked, around.overlays)
        self.stages: list[_Stage] = []
        self.stage = _Stage()
        self.declarations: list[Declaration] = []
        self.behind: list[Instruction] = []
        """Plain instructions behind the last declaration of the segment."""

    def run(self) -> None:
        for step in self.walked.steps:
            keyword = step.instruction.keyword
            if keyword in DECLARATIVE:
                self.out += self.behind
                self.behind.clear()
                self.declarations.append(self.declaration(step))
                continue
            if keyword in BARRIERS:
                self.flush()
                self.note(step)
            plain = self.behind if self.declarations else self.out
            if is_declarative(step.instruction):
                plain += self.on_build(step)
                continue
            if keyword in ("ARG", "ENV"):
                self.note_aur_base(step)
            plain.append(step.instruction)
        self.flush()
        for stage in self.stages:
            self.findings += check_stage(stage.said)

    def declaration(self, step: Step) -> Declaration:
        """Return what a step declares, values with an error left out."""
        given = read(step, self.findings)
        wrong = list(check_values(given, self.around.family))
        self.findings += wrong
        self.stage.said.append(given)
        if not wrong and given.is_clear:
            return given
        if given.keyword == "REPOSITORY" and (wrong or not given.is_clear):
            return replace(given, values=())
        spans = {finding.span for finding in wrong}
        return replace(given, values=tuple(v for v in given.values if v.span not in spans))

    def flush(self) -> None:
        """Write what the segment declares, and begin another."""
        if self.declarations:
            self.findings += check_together(self.declarations)
            self.out += self.as_root(self.block(self.declarations))
        self.out += self.behind
        self.behind.clear()
        self.declarations = []

    def block(self, declarations: list[Declaration]) -> tuple[Instruction, ...]:
        kept = [
            each
            for each in declarations
            if (each.values or each.keyword == "OVERLAY")
            and (each.keyword != "AUR" or self.around.family.value == "arch")
        ]
        laid = {}
        for each in kept:
            if each.keyword == "OVERLAY":
                found = laid_by(each, self.around.overlays, self.findings)
                if found is not None:
                    laid[each.instruction.span.start] = found
        if not self.writes:
            return ()
        written = blocks.write(
            Block(
                declarations=kept,
                default_shell=self.stage.default_shell,
                declares_aur_base=self.stage.declares_aur_base,
                laid=laid,
                before=tuple(self.stage.laid),
                everywhere=self.stage.everywhere,
            )
        )
        self.stage.laid += laid.values()
        self.stage.declares_aur_base |= any(each.keyword == "ARG" for each in written)
        return written

    def as_root(self, written: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
        """Return the instructions with USER around them where another user is in effect."""
        if self.stage.user.partition(":")[0] in _ROOT or all(i.keyword != "RUN" for i in written):
            return written
        above, below = (Writer(origins(written[i]), default_shell=True) for i in (0, -1))
        return (above.user("root"), *written, below.user(self.stage.user))

    def on_build(self, step: Step) -> list[Instruction]:
        """Return what ONBUILD of a declaration becomes: each plain instruction behind its own."""
        outer, inner = step.instruction, step.instruction.inner
        if inner is None:
            raise AssertionError(outer.keyword)
        # It acts on a child's stage, so this one does not know of it.
        own, self.stage = self.stage, replace(self.stage, said=[], laid=list(self.stage.laid))
        written = self.block([self.declaration(replace(step, instruction=inner))])
        self.stage = own
        return [
            Lowered(
                keyword="ONBUILD",
                flags=(),
                words=(replace(plain.words[0], text=f"{writer.head(plain)} {plain.text}"),),
                form=Form.SHELL,
                text=f"{writer.head(plain)} {plain.text}",
                lines=(f"{writer.head(plain)} {plain.text}",),
                heredocs=(),
                span=outer.span,
                inner=plain,
                made_of=(outer,),
            )
            for plain in written
        ]

    def note(self, step: Step) -> None:
        """Remember what an instruction changes for those behind it."""
        instruction = step.instruction
        if instruction.keyword == "FROM":
            self.enter(step.stage)
        elif instruction.keyword == "SHELL":
            self.stage.default_shell = False
        elif instruction.keyword == "USER":
            found = step.expanded(instruction.text)
            self.stage.user = instruction.text if isinstance(found, Unclear) else found

    def enter(self, number: int) -> None:
        stage = self.walked.stages[number]
        if stage.base_stage is None:
            is_ours = stage.base == "scratch" or stage.base.startswith(SCHEME)
            self.stage = _Stage(user=self.around.user_of(stage.base), default_shell=is_ours)
        else:
            below = self.stages[stage.base_stage]
            self.stage = replace(below, said=[], laid=list(below.laid), declares_aur_base=False)
        self.stage.everywhere = self.overlaid[number]
        self.stages.append(self.stage)

    def note_aur_base(self, step: Step) -> None:
        for word in step.instruction.words:
            self.stage.declares_aur_base |= word.text.partition("=")[0] == BASE


def user_at_end(walked: Walked) -> str | None:
    """Return the USER that the last stage ends with, None when nothing in the file says."""
    number: int | None = len(walked.stages) - 1
    while number is not None and number >= 0:
        users = [
            step
            for step in walked.steps
            if step.stage == number and step.instruction.keyword == "USER"
        ]
        if users:
            found = users[-1].expanded(users[-1].instruction.text)
            return users[-1].instruction.text if isinstance(found, Unclear) else found
        number = walked.stages[number].base_stage
    return None

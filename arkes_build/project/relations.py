"""Check how the nodes stand to each other: unknown ones, rings, headers, reserved names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Fix, Label, nearest
from arkes_build.core.names import BOOTSTRAP, ROOTFS, is_name
from arkes_build.language.mending import new_line, renamed, replaced
from arkes_build.project.cycles import find_cycles
from arkes_build.project.edges import SCHEME
from arkes_build.project.model import NodeKind
from arkes_build.project.scope import BASE_ARGUMENT, BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from arkes_build.project.combine import Combination
    from arkes_build.project.edges import Edge
    from arkes_build.project.model import Project
    from arkes_build.project.scope import Walked


def check_unknown(
    edges: Mapping[str, tuple[Edge, ...]],
    combinations: Mapping[str, Combination],
    project: Project,
    broken: frozenset[str] = frozenset(),
) -> Iterator[Diagnostic]:
    """Yield a finding for every edge to a node that the project does not make.

    Nodes with a part in ``broken``, a file that could not be read, may well be meant.
    """
    for used in edges.values():
        for edge in used:
            is_known = edge.node in combinations or edge.node in ("", BOOTSTRAP)
            if not is_known and not broken & set(edge.node.split("-")):
                yield _unknown(edge, combinations, project)


def check_cycles(edges: Mapping[str, tuple[Edge, ...]]) -> Iterator[Diagnostic]:
    """Yield a finding for every ring, drawn from what is used to what uses it."""
    needs = {name: [edge.node for edge in used] for name, used in edges.items()}
    for ring in find_cycles(needs):
        uses = {}
        for name, needed in zip(ring, (*ring[1:], ring[0]), strict=True):
            uses[name] = next(edge for edge in edges[name] if edge.node == needed)
        way = [ring[0]]
        for name in (*reversed(ring[1:]), ring[0]):
            span = uses[name].span
            way.append(f"{name} ({span.source.name}:{span.line})")
        yield Diagnostic(
            code="dependency-cycle",
            message=f"nodes stand on each other in a ring: {' → '.join(way)}",
            span=uses[ring[0]].span,
            remedy="let one of them stand on something else",
            related=tuple(
                Label(span=uses[name].span, text=f"{name} uses {uses[name].node}")
                for name in reversed(ring[1:])
            ),
        )


def check_standing(combination: Combination, walked: Walked) -> Iterator[Diagnostic]:
    """Yield a finding when a template, or rootfs, stands on something it must not."""
    standing = walked.standing
    span = standing.step.instruction.words[0].span
    part = combination.part
    # A last stage FROM scratch may take over what an earlier one made of it: one flat layer.
    bases = {stage.base for stage in walked.stages}
    if combination.base is not None and SCHEME + combination.base not in bases:
        yield Diagnostic(
            code="template-parent",
            message=f"the template {part.name!r} does not stand on what it is applied to",
            span=span,
            remedy=f"begin its last stage with FROM {SCHEME}${{BASE_VARIANT_ID}}, "
            "and declare ARG BASE_VARIANT_ID above it",
            fix=_on_its_base(walked),
        )
    is_rootfs = part.kind is NodeKind.VARIANT and part.name == ROOTFS
    if is_rootfs and standing.base not in ("scratch", SCHEME + BOOTSTRAP):
        yield Diagnostic(
            code="reserved-name",
            message=f"{ROOTFS} is the name of the first node, and this one stands on another",
            span=span,
            remedy=f"begin it with FROM {SCHEME}{BOOTSTRAP} or FROM scratch, "
            "or give the file another name",
        )


def _on_its_base(walked: Walked) -> Fix | None:
    """Return the fix for a template of one stage: with more, somebody has to choose."""
    first = walked.stages[0].step.instruction
    if len(walked.stages) > 1:
        return None
    edits = replaced(first.words[0].span, f"{SCHEME}${{{BASE_ARGUMENT}}}").edits
    names = {
        word.text.partition("=")[0]
        for step in walked.steps
        if step.stage == BEFORE
        for word in step.instruction.words
    }
    if BASE_ARGUMENT not in names:
        line = new_line(first.span.source, first.span.start, f"ARG {BASE_ARGUMENT}")
        edits = (line, *edits)
    return Fix(title="stand on what it is applied to", edits=edits)


def _unknown(edge: Edge, combinations: Mapping[str, Combination], project: Project) -> Diagnostic:
    name, fix = edge.node, None
    shown = f"{SCHEME}{name}"
    remedy = _combining(name, project)
    if not remedy:
        near = nearest(name, combinations)
        remedy = f"did you mean '{near}'?" if near else _making(name, combinations)
        fix = renamed(edge.span, shown, f"{SCHEME}{near}") if near else None
    return Diagnostic(
        code="unknown-variant",
        message=f"there is no node {shown if name.isprintable() else repr(name)}",
        span=edge.span,
        remedy=remedy,
        fix=fix,
    )


def _combining(name: str, project: Project) -> str:
    """Say where a template is asked for, when only that is missing."""
    variant, _, rest = name.partition("-")
    templates = rest.split("-") if rest else []
    if variant in project.variants and templates and set(templates) <= set(project.templates):
        file = project.variants[variant].file.source.name
        return f"combine them: add {rest} to x-templates in {file}"
    return ""


def _making(name: str, combinations: Mapping[str, Combination]) -> str:
    variant = name.partition("-")[0]
    make = f"make variants/{variant}.Containerfile, or " if is_name(variant) else ""
    return f"{make}name one of: {', '.join(sorted(combinations)[:10])}"

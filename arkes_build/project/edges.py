"""Read off a file which nodes it uses, and hold that against what its header says."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Fix, Label
from arkes_build.core.names import BOOTSTRAP
from arkes_build.language.mending import replaced, without_lines
from arkes_build.project.scope import BEFORE, Unclear

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from arkes_build.core.names import Family
    from arkes_build.core.source import Source, Span
    from arkes_build.language.nodes import Flag
    from arkes_build.project.headers import Headers
    from arkes_build.project.scope import Step, Walked

SCHEME = "arkes:"
"""What the name of a node begins with where an image's name is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One use of another node."""

    node: str
    span: Span = field(compare=False)


def find_edges(walked: Walked) -> tuple[Edge, ...]:
    """Return the nodes that FROM, ``--from`` and ``--mount=from=`` name, in their order.

    A name that is unclear is left out: ``check_stages`` reports it. No stage can have
    such a name, as a stage's name has no colon.
    """
    edges = []
    for step in walked.steps:
        for text, span in _images(step):
            name = step.expanded(text)
            if isinstance(name, str) and name.startswith(SCHEME):
                edges.append(Edge(node=name.removeprefix(SCHEME), span=span))
    return tuple(edges)


def parent_of(walked: Walked) -> str | None:
    """Return the node that the last stage stands on; None for scratch or a foreign image."""
    base = walked.standing.base
    return base.removeprefix(SCHEME) if base.startswith(SCHEME) else None


def check_stages(walked: Walked, source: Source, family: Family) -> Iterator[Diagnostic]:
    """Yield what keeps a lowered file from having stages; the parser has checked the whole."""
    if not walked.stages:
        yield Diagnostic(
            code="from-missing",
            message=f"the file has no FROM that counts for {family.value}",
            span=source.span(0, 0),
            remedy=f"give it one, or write `# x-families=…` without {family.value}",
        )
    for step in walked.steps:
        if step.stage == BEFORE and step.instruction.keyword != "ARG" and walked.stages:
            yield Diagnostic(
                code="from-first",
                message=f"{step.instruction.keyword} stands before the first FROM "
                f"that counts for {family.value}",
                span=step.instruction.span,
                remedy="begin the file with FROM; only ARG may stand above it",
            )
    for step in walked.steps:
        for text, span in _images(step):
            name = step.expanded(text)
            if isinstance(name, Unclear):
                yield unclear(name, span)
            elif name in ("", SCHEME):
                yield Diagnostic(
                    code="unknown-variable",
                    message=f"{text!r} names nothing",
                    span=span,
                    remedy="give the ARG a default above the first FROM",
                )


def unclear(why: Unclear, span: Span) -> Diagnostic:
    """Return the finding about a text that must be known before the build, and is not."""
    # ${NAME:?text} brings people's own words along
    message = "".join(c if c.isprintable() else " " for c in why.message)
    return Diagnostic(code="unknown-variable", message=message, span=span, remedy=why.remedy)


def check_depends(
    headers: Headers, edges: Sequence[Edge], *, header_span: Span | None, standing: Span
) -> Iterator[Diagnostic]:
    """Yield the finding when ``x-depends`` and the edges that a file makes disagree.

    ``edges`` are those of all families and architectures. The bootstrap need not be
    declared. ``standing`` is where the file says what it stands on.
    """
    if headers.depends is None or header_span is None:
        return
    said = {item.text: item.span for item in headers.depends}
    used = {edge.node: edge.span for edge in reversed(edges)}
    extra = sorted(said.keys() - used.keys())
    missing = sorted(used.keys() - said.keys() - {BOOTSTRAP})
    if not extra and not missing:
        return
    if extra and missing:
        message = f"x-depends names {_listed(extra)}, but the file uses {_listed(missing)}"
    elif extra:
        message = f"x-depends names {_listed(extra)}, which nothing in the file uses"
    else:
        message = f"x-depends does not name {_listed(missing)}, which the file uses"
    places = [Label(span=used[name], text=f"{name!r} is used here") for name in missing]
    nodes = dict.fromkeys(edge.node for edge in edges if edge.node != BOOTSTRAP)
    right = ",".join(node for node in nodes if node.isprintable())
    without = Fix(title="take the header out", edits=(without_lines(header_span),))
    yield Diagnostic(
        code="depends-disagree",
        message=message,
        span=said[extra[0]] if extra else header_span,
        related=tuple(places) or (Label(span=standing, text="the file stands on this"),),
        remedy=f"write `# x-depends={right}`, or correct the instructions"
        if right
        else "take the header out, or correct the instructions",
        fix=replaced(header_span, f"# x-depends={right}") if right else without,
    )


def mount_options(flag: Flag) -> Mapping[str, str]:
    """Return the options of a ``--mount`` as written; one without a value is empty.

    A text that is no line of CSV has none: the engine refuses it.
    """
    try:
        fields = next(csv.reader([flag.value or ""]), [])
    except csv.Error:
        return {}
    pairs = (part.partition("=") for part in fields)
    return {name.strip().lower(): value for name, _, value in pairs}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _images(step: Step) -> Iterator[tuple[str, Span]]:
    """Yield the texts of an instruction that name a stage or an image, with their places."""
    instruction = step.instruction
    if instruction.keyword == "FROM" and instruction.words:
        yield instruction.words[0].text, instruction.words[0].span
    for flag in instruction.flags:
        if instruction.keyword == "COPY" and flag.name == "from" and flag.value:
            yield flag.value, flag.span
        elif instruction.keyword == "RUN" and flag.name == "mount":
            image = mount_options(flag).get("from", "")
            if image:
                yield image, flag.span

"""Combine variants with templates: which nodes there are, before anybody asks what for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Label, did_you_mean
from arkes_build.project.headers import Headers, decode_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.core.source import Span
    from arkes_build.project.headers import Item
    from arkes_build.project.model import Part, Project

LONGEST_NODE = 128
"""Most characters of a node's name: it becomes an image's tag (OCI distribution-spec)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """One node to be: a variant or a Systemfile, and the templates on top of it."""

    name: str
    chain: tuple[Part, ...]
    """The variant or Systemfile first, then the templates from the lowest to the highest."""
    base: str | None = None
    """The node right below, when the highest part is a template."""
    span: Span | None = field(default=None, compare=False)
    """The place that asks for the templates."""

    @property
    def part(self) -> Part:
        """Return the part whose file makes this node."""
        return self.chain[-1]


class Combiner:
    """Make the combinations of a project and collect what is wrong with them."""

    def __init__(self, project: Project, systems: Iterable[Part]) -> None:
        self.project = project
        self.systems = tuple(systems)
        self.combinations: dict[str, Combination] = {}
        self.findings: list[Diagnostic] = []
        self.broken: frozenset[str] = frozenset()
        self._headers: dict[int, Headers] = {}

    def run(self, broken: frozenset[str] = frozenset()) -> dict[str, Combination]:
        """Return name → combination, sorted by name.

        Templates in ``broken``, which could not be read, are not reported as unknown.
        """
        self.broken = broken
        for part in self.project.variants.values():
            self._combine(part)
        for part in self.systems:
            taken = self.combinations.get(part.name)
            if taken is not None and taken.part != part:
                self.findings.append(_name_taken(part, taken.part))
            else:
                self._combine(part)
        return {name: self.combinations[name] for name in sorted(self.combinations)}

    def headers(self, part: Part) -> Headers:
        """Return a part's headers, decoded once."""
        known = self._headers.get(id(part))
        if known is None:
            known = self._headers[id(part)] = decode_headers(part.file)
        return known

    def _combine(self, part: Part) -> None:
        self.combinations[part.name] = Combination(name=part.name, chain=(part,))
        for item in self.headers(part).templates:
            chain = self._chain(part, item)
            for height in range(2, len(chain) + 1):
                parts = chain[:height]
                name = "-".join(each.name for each in parts)
                if len(name) > LONGEST_NODE:
                    self.findings.append(_too_long(name, item.span))
                    break
                base = "-".join(each.name for each in parts[:-1])
                combination = Combination(name=name, chain=parts, base=base, span=item.span)
                self.combinations.setdefault(name, combination)

    def _chain(self, part: Part, item: Item) -> tuple[Part, ...]:
        """Return the part with its templates; only the part itself when one is wrong."""
        chain = [part]
        at = item.span.start
        for name in item.text.split("-"):
            template = self.project.templates.get(name)
            whole = item.span.text == item.text
            span = item.span.source.span(at, at + len(name)) if whole else item.span
            at += len(name) + 1
            if template is None and name in self.broken:
                return tuple(chain)
            if template is None:
                self.findings.append(self._unknown_template(name, span))
                return (part,)
            if template in chain:
                self.findings.append(_template_twice(name, span))
                return (part,)
            chain.append(template)
        return tuple(chain)

    def _unknown_template(self, name: str, span: Span) -> Diagnostic:
        known = sorted(self.project.templates)
        listed = f"templates of this project: {', '.join(known)}" if known else ""
        return Diagnostic(
            code="unknown-template",
            message=f"there is no template {name!r}",
            span=span,
            remedy=did_you_mean(name, known)
            or listed
            or "this project has no templates/ folder: make it, or take the header out",
        )


def _too_long(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="name-too-long",
        message=f"the chain makes a node's name of {len(name)} characters",
        span=span,
        remedy=f"shorten the chain or the names to at most {LONGEST_NODE} together",
    )


def _template_twice(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="template-twice",
        message=f"the template {name!r} is applied twice in one chain",
        span=span,
        remedy="name each template of a chain once",
    )


def _name_taken(part: Part, other: Part) -> Diagnostic:
    start = other.file.source.span(0, 0)
    return Diagnostic(
        code="name-taken",
        message=f"the name {part.name!r} is taken by a {other.kind.value} of the project",
        span=part.file.source.span(0, 0),
        remedy="give the Systemfile, or the folder that holds it, another name",
        related=(Label(span=start, text="the other one"),),
    )

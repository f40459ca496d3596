"""Combine variants with templates: which nodes there are, before anybody asks what for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Label, nearest
from arkes_build.language.mending import renamed
from arkes_build.project.headers import Headers, decode_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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

    def __init__(
        self,
        project: Project,
        systems: Iterable[Part] = (),
        applied: Callable[[Part], tuple[Item, ...]] = lambda _: (),
    ) -> None:
        """Take the Systemfiles that join, and who knows what TEMPLATE in one of them names."""
        self.project = project
        self.systems = tuple(systems)
        self.applied = applied
        self.tops: dict[str, str] = {}
        """Systemfile → the node at the end of its TEMPLATEs."""
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
                self._apply(part)
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
            self._stack(self._chain(part, _steps(item)), item.span)

    def _apply(self, part: Part) -> None:
        """Stack what TEMPLATE names on a Systemfile: the end of the chain is what it means."""
        steps = [(item.text, item.span) for item in self.applied(part)]
        chain = self._chain(part, steps) if steps else ()
        if len(chain) > 1 and self._stack(chain, steps[0][1]):
            self.tops[part.name] = "-".join(each.name for each in chain)

    def _stack(self, chain: Sequence[Part], span: Span) -> bool:
        """Make the nodes of a chain above its lowest; tell whether the names fit."""
        for height in range(2, len(chain) + 1):
            parts = tuple(chain[:height])
            name = "-".join(each.name for each in parts)
            if len(name) > LONGEST_NODE:
                self.findings.append(_too_long(name, span))
                return False
            base = "-".join(each.name for each in parts[:-1])
            combination = Combination(name=name, chain=parts, base=base, span=span)
            self.combinations.setdefault(name, combination)
        return True

    def _chain(self, part: Part, steps: Iterable[tuple[str, Span]]) -> tuple[Part, ...]:
        """Return the part with its templates; only the part itself when one is wrong."""
        chain = [part]
        for name, span in steps:
            template = self.project.templates.get(name)
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
        near = nearest(name, known)
        return Diagnostic(
            code="unknown-template",
            message=f"there is no template {name!r}",
            span=span,
            remedy=(f"did you mean '{near}'?" if near else listed)
            or "this project has no templates/ folder: make it, or take the header out",
            fix=renamed(span, name, near),
        )


def _steps(item: Item) -> Iterator[tuple[str, Span]]:
    """Yield the templates of one value of the header, each with its place."""
    at = item.span.start
    is_whole = item.span.text == item.text
    for name in item.text.split("-"):
        yield name, item.span.source.span(at, at + len(name)) if is_whole else item.span
        at += len(name) + 1


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

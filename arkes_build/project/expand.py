"""Expand a project into its nodes for one family and architecture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity, SourceError
from arkes_build.core.names import BOOTSTRAP
from arkes_build.project import supply
from arkes_build.project.combine import Combiner
from arkes_build.project.contexts import Contexts
from arkes_build.project.declare.lowered import has_declarations
from arkes_build.project.edges import (
    Edge,
    check_depends,
    check_stages,
    find_edges,
    parent_of,
)
from arkes_build.project.foundation import bootstrap_node, no_bootstrap
from arkes_build.project.lower import lower
from arkes_build.project.model import Dependency, Expansion, Outside, ResolvedVariant
from arkes_build.project.presence import in_want, unsupported
from arkes_build.project.relations import check_cycles, check_standing, check_unknown
from arkes_build.project.scope import Walked, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Arch, Family
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.combine import Combination
    from arkes_build.project.declarations import Declarations
    from arkes_build.project.headers import Headers, Item
    from arkes_build.project.model import Part, Project


def expand(  # noqa: PLR0913 - each by its name, and most calls give few
    project: Project,
    *,
    family: Family,
    arch: Arch,
    systems: Iterable[Part] = (),
    findings: Iterable[Diagnostic] = (),
    broken: Collection[str] = (),
    look_up: Callable[[str], Outside | None] | None = None,
    contexts: Contexts | None = None,
    beat: Callable[[], None] | None = None,
) -> Expansion:
    """Return all nodes of a project for one family and architecture, sorted by name.

    ``systems`` are Systemfiles that join as leaves. ``findings`` of reading the files are
    raised together with those made here; names in ``broken`` could not be read, so
    nobody is blamed for naming them. ``look_up`` knows the images outside, on which the
    Systemfile of an implicit project stands. Reads the files that COPY, ADD and
    bind mounts name, and with a bootstrap of ``files`` those of the machine; ``contexts``
    remember them for the next family. ``beat`` is called at each node, and may raise to
    end the work. Raises ``SourceError`` with all findings: unknown parents and templates,
    cycles, headers that disagree, context files that are missing or lead outside;
    ``HostFileMissing`` when this machine lacks a file of the bootstrap.
    """
    expander = _Expander(project, family, arch, systems)
    expander.broken = frozenset(broken)
    expander.look_up = look_up
    expander.findings += findings
    expander.contexts = contexts or expander.contexts
    expander.beat = beat
    return expander.run()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lowered:
    """What is the same for every node that a part makes."""

    headers: Headers
    instructions: tuple[Instruction, ...]
    own: Mapping[str, str]
    declares: bool
    """There are declarative instructions in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A node on its way: everything but its files."""

    combination: Combination
    lowered: _Lowered
    instructions: tuple[Instruction, ...]
    """Plain ones: what ``lowered`` says is compiled."""
    display: str
    arguments: Mapping[str, str]
    walked: Walked
    edges: tuple[Edge, ...]
    clean: bool
    no_iso: bool


class _Expander:
    """Hold what the steps of one expansion share."""

    def __init__(
        self, project: Project, family: Family, arch: Arch, systems: Iterable[Part]
    ) -> None:
        self.project = project
        self.family = family
        self.arch = arch
        self.combiner = Combiner(project, systems, self.applied)
        self.identity = project.config.identity(family)
        self.table = project.config.bootstrap_for(family)
        self.platform = supply.platform_arguments(arch)
        self.findings = self.combiner.findings
        self.broken: frozenset[str] = frozenset()
        self.look_up: Callable[[str], Outside | None] | None = None
        self.found: dict[str, Outside | None] = {}
        self.lowered: dict[int, _Lowered] = {}
        self.contexts = Contexts(project)
        self.declarations: Declarations | None = None
        self.beat: Callable[[], None] | None = None

    def run(self) -> Expansion:
        combinations = self.combiner.run(self.broken)
        absent = unsupported(
            combinations.values(), self.combiner.headers, family=self.family, arch=self.arch
        )
        drafts = [self.draft(each) for each in combinations.values() if each.name not in absent]
        drafts = self.compiled(drafts)
        edges = {draft.combination.name: draft.edges for draft in drafts}
        if not self.project.is_implicit:
            self.findings += check_unknown(edges, combinations, self.project, self.broken)
        self.findings += check_cycles(edges)
        absent |= in_want(edges, absent)
        kept = [draft for draft in drafts if draft.combination.name not in absent]
        nodes = [self.node(draft) for draft in kept]
        used = [edge for draft in kept for edge in draft.edges if edge.node == BOOTSTRAP]
        if used and self.table is None:
            self.findings.append(no_bootstrap(self.family, used[0].span))
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            raise SourceError(self.findings)
        if used and self.table is not None:
            nodes.append(
                bootstrap_node(self.table, self.project.config, family=self.family, arch=self.arch)
            )
        return Expansion(
            nodes=tuple(sorted(nodes, key=lambda node: node.name)),
            left_out=tuple(absent[name] for name in sorted(absent)),
            tops=self.combiner.tops,
        )

    def lower(self, part: Part) -> _Lowered:
        """Return what a part has in common for all its nodes, worked out once."""
        if id(part) not in self.lowered:
            instructions = lower(part.file.instructions, family=self.family, arch=self.arch)
            self.lowered[id(part)] = _Lowered(
                headers=self.combiner.headers(part),
                instructions=instructions,
                own=supply.own_arguments(instructions, self.platform),
                declares=has_declarations(part.file.instructions),
            )
        return self.lowered[id(part)]

    def draft(self, combination: Combination) -> _Draft:
        if self.beat is not None:
            self.beat()
        chain = [self.lower(part) for part in combination.chain]
        display = supply.display_name(
            combination, [each.headers for each in chain], [each.own for each in chain]
        )
        arguments = supply.supplied_arguments(
            combination, display=display, own=chain[-1].own, identity=self.identity
        )
        walked = walk(chain[-1].instructions, {**self.platform, **arguments})
        return _Draft(
            combination=combination,
            lowered=chain[-1],
            instructions=chain[-1].instructions,
            display=display,
            arguments=arguments,
            walked=walked,
            edges=find_edges(walked),
            clean=any(each.headers.clean for each in chain),
            no_iso=any(each.headers.no_iso for each in chain),
        )

    def compiled(self, drafts: list[_Draft]) -> list[_Draft]:
        """Return the drafts with plain instructions only, and check each of them."""
        if any(draft.lowered.declares for draft in drafts):
            from arkes_build.project.declarations import Declarations

            walked = {draft.combination.name: draft.walked for draft in drafts}
            self.declarations = Declarations(
                self.project,
                family=self.family,
                arch=self.arch,
                walked=walked,
                outside=self.outside,
            )
        compiled = [self.compile(draft) for draft in drafts]
        for draft in compiled:
            self.check(draft)
        return compiled

    def compile(self, draft: _Draft) -> _Draft:
        supplied = {**self.platform, **draft.arguments}
        instructions, walked = draft.instructions, draft.walked
        if self.declarations is not None and draft.lowered.declares:
            part = draft.combination.part
            instructions = self.declarations.compile(part, walked, supplied, self.findings)
            walked = walk(instructions, supplied)
        base = supply.aur_argument(instructions, self.project.config)
        if base:
            walked = walk(instructions, {**supplied, **base})
        return replace(
            draft,
            instructions=instructions,
            walked=walked,
            edges=draft.edges,
            arguments={**draft.arguments, **base},
        )

    def applied(self, part: Part) -> tuple[Item, ...]:
        """Return the templates that the TEMPLATE instructions of a Systemfile name."""
        instructions = self.lower(part).instructions
        if all(each.keyword != "TEMPLATE" for each in instructions):
            return ()
        from arkes_build.project.declarations import applied_templates

        return applied_templates(walk(instructions, self.platform), self.findings)

    def check(self, draft: _Draft) -> None:
        """Collect what is wrong with one draft, apart from the others."""
        part = draft.combination.part
        self.findings += check_stages(draft.walked, part.file.source, self.family)
        if not draft.walked.stages:
            return
        self.findings += check_standing(draft.combination, draft.walked)
        headers = self.combiner.headers(part)
        if headers.depends is not None:
            self.findings += check_depends(
                headers,
                [e for e in self.everywhere(draft) if e.node != draft.combination.base],
                header_span=next(h.span for h in part.file.headers if h.key == "x-depends"),
                standing=draft.walked.standing.step.instruction.span,
            )

    def everywhere(self, draft: _Draft) -> tuple[Edge, ...]:
        """Return a draft's edges for all families: a header speaks for them all."""
        instructions = draft.combination.part.file.instructions
        if len(instructions) == len(draft.lowered.instructions):
            # lowering dropped nothing
            return draft.edges
        return find_edges(walk(instructions, {**self.platform, **draft.arguments}))

    def outside(self, name: str) -> Outside | None:
        """Return the image of a name that no node has, looked up once; None for nodes."""
        known = name in self.combiner.combinations or name in (BOOTSTRAP, "")
        if known or not self.project.is_implicit:
            return None
        if name not in self.found:
            self.found[name] = self.look_up(name) if self.look_up is not None else None
        return self.found[name] or Outside(id="", user="")

    def node(self, draft: _Draft) -> ResolvedVariant:
        if self.beat is not None:
            self.beat()
        part = draft.combination.part
        places = {edge.node: edge.span for edge in reversed(draft.edges)}
        names = dict.fromkeys(edge.node for edge in draft.edges)
        images = {name: found.id for name in names if (found := self.outside(name))}
        return ResolvedVariant(
            name=draft.combination.name,
            kind=part.kind,
            display_name=draft.display,
            family=self.family,
            arch=self.arch,
            snapshot=self.table.packages_date if self.table else "",
            parent=parent_of(draft.walked) if draft.walked.stages else None,
            dependencies=tuple(
                Dependency(node=name, span=places[name]) for name in names if name not in images
            ),
            file=part.file,
            instructions=draft.instructions,
            arguments=draft.arguments,
            files=self.contexts.files(part, draft.walked, self.findings),
            context=part.context,
            images=images,
            identity=self.identity,
            clean=draft.clean,
            no_iso=draft.no_iso,
        )

"""Look at a whole project and say everything about it, without stopping at the first error."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity, SourceError, in_order
from arkes_build.core.names import Family
from arkes_build.project.contexts import Contexts
from arkes_build.project.declare.compiler import Surroundings, check_file
from arkes_build.project.declare.standing import check_part
from arkes_build.project.errors import PROJECT_FILE
from arkes_build.project.expand import expand
from arkes_build.project.headers import decode_headers
from arkes_build.project.loader import FOLDERS, NO_TEXTS, load_system_if_it_can_be, load_what_can_be
from arkes_build.project.model import NodeKind, Part
from arkes_build.project.rules import catalogue
from arkes_build.project.rules.skips import apply, skips_of
from arkes_build.project.rules.subjects import Subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.names import Arch
    from arkes_build.core.source import Source, Span
    from arkes_build.language.nodes import Systemfile
    from arkes_build.project.known import Known
    from arkes_build.project.loader import Texts
    from arkes_build.project.model import Expansion, Project
    from arkes_build.project.rules.skips import Skip

NOTHING_KNOWN: Mapping[str, Known] = {}

MOST_FINDINGS = 500
"""Findings of one check about one file: whoever has more begins with these."""

_HALF_READ = frozenset(
    {"not-utf8", "nul-byte", "line-too-long", "file-too-large", "too-many-instructions"}
)
"""Findings whose source is no whole file, so that rules have nothing to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was read, as far as it can be used, and all findings by file and place."""

    project: Project
    expansion: Expansion | None
    """None while an error keeps the nodes from being made."""
    systems: Mapping[Path, Part]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The same for several families: a finding that two of them have is there once."""

    project: Project
    expansions: Mapping[Family, Expansion | None]
    systems: Mapping[Path, Part]
    findings: tuple[Diagnostic, ...]


def inspect(
    root: Path,
    *,
    family: Family,
    arch: Arch,
    systemfiles: Iterable[Path] = (),
    texts: Texts = NO_TEXTS,
    known: Mapping[str, Known] = NOTHING_KNOWN,
) -> Inspection:
    """Return the project in ``root`` with every finding about its files, rules included.

    ``texts`` stand for files that an editor holds; ``known`` is what earlier builds tell.
    Findings that a ``# check=skip=`` silences are left out. Raises ``ConfigError`` for
    ``arkes.toml``, ``ProjectNotFound``, and ``Unreadable`` for a Systemfile that is not there.
    """
    found = survey(
        root, families=(family,), arch=arch, systemfiles=systemfiles, texts=texts, known=known
    )
    return Inspection(
        project=found.project,
        expansion=found.expansions[family],
        systems=found.systems,
        findings=found.findings,
    )


def survey(
    root: Path,
    *,
    families: Sequence[Family] = (),
    arch: Arch,
    systemfiles: Iterable[Path] = (),
    texts: Texts = NO_TEXTS,
    known: Mapping[str, Known] = NOTHING_KNOWN,
    is_implicit: bool = False,
    beat: Callable[[], None] | None = None,
) -> Survey:
    """Do what ``inspect`` does for several families, by default all that the project is for.

    ``beat`` is called at each node and each file, and may raise to end the work.
    """
    loaded = load_what_can_be(root, texts, is_implicit=is_implicit, beat=beat)
    findings, broken = list(loaded.findings), set(loaded.broken)
    systems: dict[Path, Part] = {}
    for path in systemfiles:
        part, found = load_system_if_it_can_be(path, loaded.project, texts)
        findings += found
        if part is not None:
            systems[path] = part
    families = families or families_of(loaded.project) or tuple(Family)
    expansions: dict[Family, Expansion | None] = {}
    contexts = Contexts(loaded.project)
    leaves = [part for part in systems.values() if part.kind is NodeKind.SYSTEM]
    for family in families:
        try:
            expansions[family] = expand(
                loaded.project,
                family=family,
                arch=arch,
                systems=leaves,
                findings=tuple(findings),
                broken=broken,
                contexts=contexts,
            )
        except SourceError as error:
            expansions[family] = None
            findings += error.diagnostics
    findings = list(in_order(findings))
    linter = _Linter(project=loaded.project, families=families, arch=arch, known=known, beat=beat)
    parts = (*loaded.project.variants.values(), *loaded.project.templates.values(), *leaves)
    return Survey(
        project=loaded.project,
        expansions=expansions,
        systems=systems,
        findings=linter.run(parts, findings),
    )


def inspect_file(source: Source, project: Project, *, arch: Arch) -> tuple[Diagnostic, ...]:
    """Return what can be said of one file without a look at any other, as fast as one types.

    Rules that need other files are left out, and so are skips of such rules. Nothing is
    raised, whatever the text.
    """
    from arkes_build.language.parser import attempt
    from arkes_build.project.headers import check_headers
    from arkes_build.project.lower import check_conditions

    try:
        file, parsed = attempt(source)
    except SourceError as error:
        return error.diagnostics
    findings = [*parsed, *check_headers(file), *check_conditions(file.instructions)]
    part = Part(name="file", kind=_kind_of(source.name), file=file, context=project.root)
    linter = _Linter(project=project, families=tuple(Family), arch=arch, is_whole=False)
    return linter.run((part,), findings)


def families_of(project: Project) -> tuple[Family, ...]:
    """Return the families that ``arkes.toml`` has a bootstrap for."""
    return tuple(family for family in Family if project.config.bootstrap_for(family))


_FOR_ALL = -1
"""Stands among the seen places of a source that all rules looked at for every family."""


@dataclass(slots=True, kw_only=True)
class _Linter:
    """Run the rules over parts, and let skips have their say."""

    project: Project
    families: Sequence[Family]
    arch: Arch
    known: Mapping[str, Known] = field(default_factory=dict)
    is_whole: bool = True
    """False when one file is looked at alone."""
    beat: Callable[[], None] | None = None
    _seen: dict[int, set[int]] = field(default_factory=dict)
    """The id of a source → where the instructions begin that some subject had."""

    def run(self, parts: Iterable[Part], findings: list[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return all findings, those of the rules included, silenced ones left out."""
        subjects = Subjects(project=self.project, arch=self.arch, known=self.known)
        skips: list[Skip] = []
        for part in parts:
            findings += self._checked(part, subjects, is_whole=self.is_whole)
            skips += skips_of(part.file)
        for part in _halves(self.project, findings, self._seen):
            findings += self._checked(part, subjects, is_whole=False)
            if self.is_whole:
                findings += self._declared(part, subjects, tuple(findings))
            skips += skips_of(part.file)
        left = apply(skips, in_order(findings), rules=catalogue.RULES, is_judged=self._is_judged)
        return in_order(left)

    def _checked(self, part: Part, subjects: Subjects, *, is_whole: bool) -> Iterator[Diagnostic]:
        """Yield what the rules find in a part, for all families."""
        if self.beat is not None:
            self.beat()
        seen = self._seen.setdefault(id(part.file.source), set())
        if is_whole and set(families_of(self.project) or Family) <= set(self.families):
            seen.add(_FOR_ALL)
        before = None
        for family in self.families:
            subject = subjects.of(part, family)
            if subject is None:
                continue
            seen.update(each.span.start for each in subject.instructions)
            wanted: list[catalogue.Check] = []
            if before is not subject.walked:
                wanted += [*catalogue.ALONE, *(catalogue.WIDER if is_whole else ())]
            before = subject.walked
            for check in (*wanted, *(catalogue.BY_FAMILY if is_whole else ())):
                yield from islice(check(subject), MOST_FINDINGS)

    def _declared(
        self, part: Part, subjects: Subjects, findings: tuple[Diagnostic, ...]
    ) -> Iterator[Diagnostic]:
        """Yield what is wrong with the declarations of a part that has other errors.

        Of a whole part the compiler has said it. An instruction with an error of its own
        is not judged a second time.
        """
        wrong = _with_errors(part.file, findings)
        declared = [*check_part(part, decode_headers(part.file))]
        for subject in filter(None, (subjects.of(part, family) for family in self.families)):
            around = Surroundings(family=subject.family, overlays=subject.overlays)
            declared += check_file(subject.walked, around)
        for found in declared:
            if found.span is None or not any(_is_inside(found.span, each) for each in wrong):
                yield found

    def _is_judged(self, skip: Skip) -> bool:
        """Tell whether all was looked at that a skip may be meant for.

        A rule of one file says the same for every family that sees an instruction, so
        that is enough; another rule may find something for a family that is not asked for.
        """
        seen = self._seen[id(skip.span.source)]
        if skip.code in catalogue.OF_ONE_FILE:
            return skip.instructions <= seen
        return _FOR_ALL in seen and skip.instructions <= seen


def _halves(
    project: Project, findings: Iterable[Diagnostic], seen: Collection[int]
) -> tuple[Part, ...]:
    """Return what can be read of the files that have errors and so are no parts."""
    wrong = [f for f in findings if f.span is not None and f.severity is Severity.ERROR]
    unreadable = {id(f.span.source) for f in wrong if f.span and f.code in _HALF_READ}
    sources = {id(f.span.source): f.span.source for f in wrong if f.span}
    return tuple(
        _half(project, source)
        for key, source in sources.items()
        if key not in seen and key not in unreadable and source.name != PROJECT_FILE
    )


def _half(project: Project, source: Source) -> Part:
    from arkes_build.language.parser import attempt

    file, _ = attempt(source)
    kind = _kind_of(source.name)
    # a machine's file is called as it was named: from the working directory
    is_machine = kind is NodeKind.SYSTEM
    context = Path(source.name).absolute().parent if is_machine else project.root
    return Part(name="file", kind=kind, file=file, context=context)


def _with_errors(file: Systemfile, findings: Iterable[Diagnostic]) -> tuple[Span, ...]:
    """Return the instructions of a file that hold the place of an error."""
    errors = [f.span for f in findings if f.span and f.severity is Severity.ERROR]
    own = [span for span in errors if span.source is file.source]
    spans = (instruction.span for instruction in file.instructions)
    return tuple(span for span in spans if any(_is_inside(each, span) for each in own))


def _is_inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _kind_of(name: str) -> NodeKind:
    folders = {f"{folder}/": kind for kind, folder in FOLDERS.items()}
    return next((k for folder, k in folders.items() if name.startswith(folder)), NodeKind.SYSTEM)

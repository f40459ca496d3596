"""Silence findings where a comment says so, and hold the comment to its word.

``# check=skip=RULE[,RULE…] reason`` at the very top counts for the whole file, as a comment
right above an instruction for that instruction. The names of BuildKit's own rules
(``StageNameCasing``), ``all`` and ``error=true`` are meant for others and pass in silence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity, did_you_mean
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Systemfile

_WITHOUT_REASON = Rule(
    code="skip-without-reason",
    title="A skip does not say why.",
    severity=Severity.WARNING,
)
_UNUSED = Rule(code="skip-unused", title="A skip silences nothing.", severity=Severity.WARNING)
_UNKNOWN = Rule(
    code="skip-unknown", title="A skip names a rule that is not there.", severity=Severity.WARNING
)
_ERROR = Rule(
    code="skip-error",
    title="A skip names a rule that cannot be silenced.",
    severity=Severity.WARNING,
)
RULES = (_WITHOUT_REASON, _UNUSED, _UNKNOWN, _ERROR)

_CHECK = re.compile(r"#\s*check\s*=\s*(\S.*)", re.IGNORECASE)
_SKIP = re.compile(r"(?:\A|;)\s*skip\s*=\s*([^\s,;]+(?:\s*,\s*[^\s,;]+)*)", re.IGNORECASE)
_OPTIONS = re.compile(r"\A(?:\s*;\s*[A-Za-z]+\s*=\s*[^\s;]*)*")
_OURS = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_FOREIGN = frozenset({"all"})
MOST_SUGGESTIONS = 50
"""Unknown names of one file that are compared with the known rules; it is slow."""

LONGEST_NAME = 40
"""Longer words are not compared with the known rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """One rule that one comment silences, in a whole file or in one instruction."""

    code: str
    span: Span
    """The rule's name in the comment."""
    reason: str
    covered: Span
    """Where a finding must begin: the whole file, or the instruction below."""
    instructions: frozenset[int]
    """Where the instructions begin that it covers."""
    is_first: bool
    """Only the first rule of a comment is blamed for a missing reason."""

    def silences(self, finding: Diagnostic) -> bool:
        """Tell whether a finding about the skip's own file is meant."""
        return (
            finding.code == self.code
            and finding.severity is not Severity.ERROR
            and finding.span is not None
            and finding.span.source is self.span.source
            and self.covered.start <= finding.span.start <= self.covered.end
        )


@dataclass(slots=True)
class _Group:
    """The skips of one rule; those that cover the same place are used together.

    A file may have thousands of them, and thousands of findings.
    """

    _places: dict[tuple[int, int], list[Skip]] = field(default_factory=dict)
    """The id of a source and where the covered place begins → skips."""
    _used: set[tuple[int, int]] = field(default_factory=set)
    _starts: dict[int, list[int]] = field(default_factory=dict)

    def add(self, skip: Skip) -> None:
        self._places.setdefault((id(skip.span.source), skip.covered.start), []).append(skip)
        self._starts.clear()

    def silence(self, finding: Diagnostic) -> bool:
        """Tell whether a skip means the finding, and remember that it is used."""
        if finding.span is None:
            return False
        source = id(finding.span.source)
        if source not in self._starts:
            self._starts[source] = sorted(at for known, at in self._places if known == source)
        starts = self._starts[source]
        nearest = bisect_right(starts, finding.span.start) - 1
        # the whole file begins at 0, and the places of instructions do not overlap
        near = {(source, starts[at]) for at in (0, nearest) if 0 <= at < len(starts)}
        hit = {place for place in near if self._places[place][0].silences(finding)}
        self._used |= hit
        return bool(hit)

    def judged(self) -> Iterator[tuple[Skip, bool]]:
        """Yield each skip, and whether it silenced a finding."""
        for place, skips in self._places.items():
            for skip in skips:
                yield skip, place in self._used


def skips_of(file: Systemfile) -> tuple[Skip, ...]:
    """Return the skips of a file that are meant for us, by their place."""
    skips: list[Skip] = []
    everything = frozenset(i.span.start for i in file.instructions)
    for directive in file.directives:
        if directive.name == "check":
            whole = file.source.span(0, len(file.source.text))
            skips += _read(directive.span, whole, everything)
    lines = {c.span.line: c for c in file.comments} if _has_skips(file) else {}
    starts = {i.span.line: i for i in file.instructions} if lines else {}
    ends: dict[int, int] = {}
    for line in sorted(lines, reverse=True):
        ends[line] = ends.get(line + 1, line + 1)
    for line, comment in lines.items():
        below = ends[line]
        is_above = below in starts
        place = starts[below].span if is_above else comment.span
        skips += _read(comment.span, place, frozenset({place.start} if is_above else ()))
    return tuple(skips)


def apply(
    skips: Iterable[Skip],
    findings: Iterable[Diagnostic],
    *,
    rules: Mapping[str, Rule],
    is_judged: Callable[[Skip], bool],
) -> Iterator[Diagnostic]:
    """Yield the findings that no skip silences, and what is wrong with the skips.

    ``is_judged`` tells for a skip that silences nothing whether all was looked at that it
    may be meant for.
    """
    by_code: dict[str, _Group] = {}
    for skip in skips:
        by_code.setdefault(skip.code, _Group()).add(skip)
    for finding in findings:
        group = by_code.get(finding.code)
        if group is None or not group.silence(finding):
            yield finding
    unknown = [code for code in by_code if code not in rules and len(code) <= LONGEST_NAME]
    near = {code: did_you_mean(code, rules) for code in unknown[:MOST_SUGGESTIONS]}
    for skip, was_used in (each for group in by_code.values() for each in group.judged()):
        is_used = was_used or not is_judged(skip)
        yield from _wrong(skip, rules.get(skip.code), near.get(skip.code, ""), is_used=is_used)


def _has_skips(file: Systemfile) -> bool:
    return any(_CHECK.match(comment.text) for comment in file.comments)


def _read(span: Span, covered: Span, instructions: frozenset[int]) -> Iterator[Skip]:
    """Yield the skips of one comment, each with its place in it."""
    found = _CHECK.match(span.text)
    listed = _SKIP.search(found[1]) if found else None
    if found is None or listed is None:
        return
    rest = found[1][listed.end() :]
    reason = _OPTIONS.sub("", rest, count=1).strip()
    at = span.start + found.start(1) + listed.start(1)
    is_first = True
    for name in re.finditer(r"[^\s,]+", listed[1]):
        if _OURS.fullmatch(name[0]) and name[0] not in _FOREIGN:
            place = span.source.span(at + name.start(), at + name.end())
            yield Skip(
                code=name[0],
                span=place,
                reason=reason,
                covered=covered,
                instructions=instructions,
                is_first=is_first,
            )
            is_first = False


def _wrong(skip: Skip, rule: Rule | None, near: str, *, is_used: bool) -> Iterator[Diagnostic]:
    if rule is None:
        yield _UNKNOWN.finding(
            f"there is no rule '{skip.code[:LONGEST_NAME]}' to skip",
            skip.span,
            remedy=near or "`arkes-build explain` lists the rules",
        )
    elif not rule.is_skippable or rule in RULES:
        yield _ERROR.finding(
            f"'{skip.code}' cannot be skipped",
            skip.span,
            remedy="mend what it reports, and take the skip out",
        )
    elif not is_used:
        yield _UNUSED.finding(
            f"nothing here breaks '{skip.code}', so there is nothing to skip",
            skip.span,
            remedy="take the skip out; it must stand right above the instruction it is meant "
            "for, or at the very top of the file",
        )
    if skip.is_first and not skip.reason:
        yield _WITHOUT_REASON.finding(
            f"the skip of '{skip.code[:LONGEST_NAME]}' does not say why",
            skip.span,
            remedy=f"write the reason behind it: # check=skip={skip.code[:LONGEST_NAME]} because …",
        )

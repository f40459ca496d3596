"""Look for variables that nobody gives a value, where the file itself shows the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity, did_you_mean
from arkes_build.language.variables import BadSubstitution, names
from arkes_build.project.rules.rule import Rule
from arkes_build.project.scope import BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.subject import Subject

UNDECLARED = Rule(
    code="variable-undeclared",
    title="A variable has no value here.",
    severity=Severity.WARNING,
)
RULES = (UNDECLARED,)

MOST_STAGES = 100
"""A file with more is looked at no further: each stage has its own set of names."""

MOST_SUGGESTIONS = 20
"""Names of one file that are compared with the declared ones; it is slow."""

LONGEST_NAME = 40
"""Longer names are not compared."""

_EXPANDED = frozenset({"ARG", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"})
"""What else is expanded needs its value before the build, and an unknown one is an error."""

_BY_ENGINE = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"),
        *("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"),
        *("PATH", "HOME", "HOSTNAME", "SOURCE_DATE_EPOCH"),
    }
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield uses of a name that is declared nowhere, or only above the first FROM.

    What the parent image brings as ENV is not known here. So a name is only reported when
    the file declares it where it does not count, or one that is nearly the same, or when
    the stage begins from nothing.
    """
    walked = subject.walked
    if len(walked.stages) > MOST_STAGES:
        return
    asked: set[str] = set()
    declared: dict[int, set[str]] = {BEFORE: set()}
    for step in walked.steps:
        instruction = step.instruction
        if instruction.keyword == "FROM":
            base = walked.stages[step.stage].base_stage
            declared[step.stage] = set() if base is None else set(declared[base])
            continue
        here = declared.setdefault(step.stage, set())
        if instruction.keyword in _EXPANDED and step.stage != BEFORE:
            is_empty = walked.stages[step.stage].base == "scratch"
            for name, span in _used(instruction):
                if name in here or name in _BY_ENGINE or len(name) > LONGEST_NAME:
                    continue
                asked.add(name)
                known = here | declared[BEFORE] if len(asked) <= MOST_SUGGESTIONS else here
                is_above = name in declared[BEFORE]
                near = "" if known is here or is_above else did_you_mean(name, known)
                if is_above or near or is_empty:
                    yield _undeclared(name, span, near, is_above=is_above)
        if instruction.keyword in ("ARG", "ENV"):
            here |= {word.text.partition("=")[0] for word in instruction.words}


def _used(instruction: Instruction) -> Iterator[tuple[str, Span]]:
    for word in instruction.words:
        text = word.text
        if instruction.keyword in ("ARG", "ENV", "LABEL"):
            text = text.partition("=")[2]
        try:
            found = names(text)
        except BadSubstitution:
            continue
        for name in sorted(found):
            # ${NAME:-word} says itself what an unset one means
            if (
                f"${{{name}:" not in text
                and f"${{{name}-" not in text
                and f"${{{name}+" not in text
            ):
                yield name, _place(word.span, name)


def _place(span: Span, name: str) -> Span:
    at = span.text.find(name)
    start = span.start + at
    return span if at < 0 else span.source.span(start, start + len(name))


def _undeclared(name: str, span: Span, near: str, *, is_above: bool) -> Diagnostic:
    if is_above:
        return UNDECLARED.finding(
            f"the ARG {name} above the first FROM has no value inside a stage",
            span,
            remedy=f"declare it again below FROM: ARG {name}",
        )
    return UNDECLARED.finding(
        f"nothing gives {name} a value", span, remedy=near or f"declare it: ARG {name}=…"
    )

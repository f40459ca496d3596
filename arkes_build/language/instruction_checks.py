"""Check one instruction: its keyword, its flags, the number and kind of its arguments."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Fix, Severity, nearest
from arkes_build.language import arguments, heredocs, variables
from arkes_build.language.keywords import EVERYWHERE, KEYWORDS, REPEATED, Keyword, Takes
from arkes_build.language.mending import replaced
from arkes_build.language.nodes import Form, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Flag, Instruction

LONGEST_KEYWORD = 24
"""Longer words are not compared with the known keywords."""

_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_NOT_INSIDE = frozenset({"ONBUILD", "FROM", "MAINTAINER"})
_FULL_FROM = 3
_LAST_COMMA = re.compile(r",\s*\]\Z")
_LIKE_LIST = re.compile(r"""\[\s*["']|\[(?![-\[ !]).*\]\Z""", re.DOTALL)


def check_instruction(instruction: Instruction, *, suggest: bool = True) -> Iterator[Diagnostic]:
    """Yield the findings about one instruction, and about the one inside ``ONBUILD``."""
    known = KEYWORDS.get(instruction.keyword)
    if known is None:
        yield _unknown(instruction, suggest=suggest)
        return
    if instruction.flags:
        yield from _flags(instruction, known)
    yield from _counts(instruction, known)
    yield from _by_keyword(instruction)
    yield from _fallen_back(instruction, known)
    yield from _substitutions(instruction, known)
    if instruction.inner is not None:
        yield from _inside(instruction.inner, suggest=suggest)


def _unknown(instruction: Instruction, *, suggest: bool) -> Diagnostic:
    name = instruction.keyword
    near = nearest(name, KEYWORDS) if suggest and len(name) <= LONGEST_KEYWORD else None
    shown = name if len(name) <= LONGEST_KEYWORD else name[:LONGEST_KEYWORD] + "…"
    span = _keyword_span(instruction)
    fix = None
    if near:
        fix = replaced(span, near.lower() if span.text.islower() else near)
    return Diagnostic(
        code="instruction-unknown",
        message=f"unknown instruction '{shown}'",
        span=span,
        remedy=f"did you mean '{near}'?" if near else "is the line above missing a \\ at its end?",
        fix=fix,
    )


def _flags(instruction: Instruction, known: Keyword) -> Iterator[Diagnostic]:
    names = known.valued | known.bare | EVERYWHERE
    seen = set()
    for flag in instruction.flags:
        if flag.name not in names:
            yield _unknown_flag(instruction, flag, known)
        elif flag.name in seen and flag.name not in REPEATED:
            yield Diagnostic(
                code="flag-duplicate",
                severity=Severity.WARNING,
                message=f"the flag '--{flag.name}' is given twice; the last one counts",
                span=flag.span,
                remedy="remove one of them",
            )
        elif flag.name in known.bare:
            yield from _truth(flag)
        elif flag.value is None:
            yield _bad_flag(
                "flag-value",
                f"the flag '--{flag.name}' has no value",
                flag,
                f"write --{flag.name}=…, without a space",
            )
        seen.add(flag.name)


def _unknown_flag(instruction: Instruction, flag: Flag, known: Keyword) -> Diagnostic:
    written = sorted(f"--{name}" for name in known.valued | known.bare | EVERYWHERE)
    near = nearest(f"--{flag.name}", written)
    span, fix = flag.span, None
    if near and span.text.startswith(f"--{flag.name}"):
        end = span.start + len(flag.name) + 2
        has_value = near.removeprefix("--") not in known.bare
        is_given = any(near == f"--{other.name}" for other in instruction.flags)
        if has_value == (flag.value is not None) and not is_given:
            fix = replaced(span.source.span(span.start, end), near)
    return Diagnostic(
        code="flag-unknown",
        message=f"{instruction.keyword} has no flag '--{flag.name}'",
        span=span,
        remedy=f"did you mean '{near}'?" if near else f"it knows {', '.join(written)}",
        fix=fix,
    )


def _truth(flag: Flag) -> Iterator[Diagnostic]:
    if flag.value is not None and flag.value.lower() not in ("true", "false"):
        yield _bad_flag(
            "flag-value",
            f"the flag '--{flag.name}' is true or false, not '{flag.value}'",
            flag,
            f"write --{flag.name}, or leave it out",
        )


def _counts(instruction: Instruction, known: Keyword) -> Iterator[Diagnostic]:
    count = len(instruction.words)
    if instruction.keyword == "FROM" and count and not _is_from(instruction.words):
        yield _bad_from(instruction, known)
    elif count < known.least:
        wanted = "an argument" if known.least == 1 else f"at least {known.least} arguments"
        yield _bad_arguments(instruction, f"needs {wanted}", known)
    elif known.most is not None and count > known.most:
        wanted = "one argument" if known.most == 1 else f"at most {known.most} arguments"
        yield _bad_arguments(instruction, f"takes {wanted}", known)


def _bad_from(instruction: Instruction, known: Keyword) -> Diagnostic:
    words, fix = instruction.words, None
    if len(words) == _FULL_FROM - 1 and _STAGE_NAME.fullmatch(words[1].text.lower()):
        start = words[1].span.start
        fix = replaced(words[1].span.source.span(start, start), "AS ", title="write AS")
    return _bad_arguments(instruction, "takes an image, or an image, AS and a name", known, fix)


def _is_from(words: tuple[Word, ...]) -> bool:
    return len(words) == 1 or (len(words) == _FULL_FROM and words[1].text.upper() == "AS")


def _by_keyword(instruction: Instruction) -> Iterator[Diagnostic]:
    words = instruction.words
    match instruction.keyword:
        case "FROM" if len(words) == _FULL_FROM and _is_from(words):
            if not _STAGE_NAME.fullmatch(words[2].text.lower()):
                yield Diagnostic(
                    code="stage-name",
                    severity=Severity.WARNING,
                    message=f"not every engine takes '{words[2].text}' for a stage's name",
                    span=words[2].span,
                    remedy="begin it with a letter; then letters, digits, '.', '_' and '-'",
                )
        case "SHELL" if words and instruction.form is not Form.EXEC:
            yield _bad_arguments(instruction, "takes a JSON list", KEYWORDS["SHELL"])
        case "HEALTHCHECK" if words:
            yield from _health(instruction)
        case "ENV" | "LABEL" | "SYSCTL":
            yield from _pairs(instruction)
        case "COPY" | "ADD" if words and instruction.form is Form.WORDS:
            if heredocs.is_mark(words[-1].text):
                yield _error(
                    "heredoc-destination",
                    f"{instruction.keyword} cannot have a here-document as its destination",
                    words[-1].span,
                    "name the file to write behind it",
                )


def _health(instruction: Instruction) -> Iterator[Diagnostic]:
    kind, count = instruction.words[0].text.upper(), len(instruction.words)
    if (kind == "NONE" and count > 1) or (kind == "CMD" and count == 1):
        problem = "NONE takes no arguments" if kind == "NONE" else "CMD needs a command"
        yield _bad_arguments(instruction, problem, KEYWORDS["HEALTHCHECK"])
    elif kind not in ("NONE", "CMD"):
        yield _bad_arguments(
            instruction,
            f"takes CMD or NONE, not '{instruction.words[0].text}'",
            KEYWORDS["HEALTHCHECK"],
        )


def _pairs(instruction: Instruction) -> Iterator[Diagnostic]:
    for word in instruction.words:
        name, is_pair, _ = word.text.partition("=")
        if not is_pair:
            yield _error(
                "pair-expected",
                f"{instruction.keyword} takes name=value, and '{_short(word.text)}' has no =",
                word.span,
                "write name=value, with quotes around a value that has spaces",
            )
        elif not name:
            yield _error(
                "pair-expected",
                f"{instruction.keyword} has a value without a name",
                word.span,
                "write the name before the =",
            )


def _fallen_back(instruction: Instruction, known: Keyword) -> Iterator[Diagnostic]:
    """Warn of what looks like a JSON list and is none, and of text that follows one."""
    if known.takes not in (Takes.COMMAND, Takes.LIST):
        return
    if instruction.form is Form.EXEC:
        if instruction.words and arguments.behind_list(instruction.text):
            yield _trailing(instruction)
    elif _LIKE_LIST.match(instruction.text):
        yield Diagnostic(
            code="exec-form-invalid",
            severity=Severity.WARNING,
            message=f"this is no JSON list, so {instruction.keyword} reads it as plain text",
            span=instruction.words[0].span,
            remedy='use double quotes and a comma between the items: ["sleep", "10"]',
            fix=_as_list(instruction.words),
        )


def _trailing(instruction: Instruction) -> Diagnostic:
    return Diagnostic(
        code="exec-form-trailing",
        severity=Severity.WARNING,
        message=f"what stands behind the list of {instruction.keyword} counts for nothing",
        span=instruction.words[-1].span,
        remedy="remove it, or put it into the list",
    )


def _as_list(words: tuple[Word, ...]) -> Fix | None:
    """Return the fix that makes a list of what only has the wrong quotes or a comma too many."""
    span = words[0].span.source.span(words[0].span.start, words[-1].span.end)
    text = _LAST_COMMA.sub("]", span.text)
    for candidate in (text, text.replace("'", '"')):
        with contextlib.suppress(arguments.NotTexts):
            if arguments.json_list(candidate):
                return replaced(span, candidate)
    return None


def _substitutions(instruction: Instruction, known: Keyword) -> Iterator[Diagnostic]:
    """Report what could not be expanded, whatever the values are."""
    places: list[Word | Flag] = list(instruction.words) if known.expands else []
    for place in (*places, *instruction.flags):
        text = (place.text if isinstance(place, Word) else place.value) or ""
        try:
            variables.validate(text)
        except variables.BadSubstitution as error:
            yield Diagnostic(
                code="substitution",
                message=f"{error.brief} in {instruction.keyword}",
                span=_within(place.span, text, error.position),
                remedy=error.resolution,
            )


def _within(span: Span, text: str, position: int) -> Span:
    """Return the place in a word where it stands in the source as it is, else the word."""
    start = span.text.find(text)
    if start < 0 or position >= len(text):
        return span
    return span.source.span(span.start + start + position, span.start + start + position + 1)


def _inside(inner: Instruction, *, suggest: bool) -> Iterator[Diagnostic]:
    if inner.keyword in _NOT_INSIDE:
        yield _error(
            "onbuild-instruction",
            f"{inner.keyword} cannot stand behind ONBUILD",
            _keyword_span(inner),
            "write another instruction, or remove this one",
        )
        return
    yield from check_instruction(inner, suggest=suggest)


def _bad_arguments(
    instruction: Instruction, problem: str, known: Keyword, fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(
        code="arguments",
        message=f"{instruction.keyword} {problem}",
        span=_first_line(instruction),
        remedy=f"write `{known.usage}`",
        fix=fix,
    )


def _bad_flag(code: str, message: str, flag: Flag, remedy: str) -> Diagnostic:
    return _error(code, message, flag.span, remedy)


def _error(code: str, message: str, span: Span, remedy: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, span=span, remedy=remedy)


def _keyword_span(instruction: Instruction) -> Span:
    start = instruction.span.start
    return instruction.span.source.span(start, start + len(instruction.keyword))


def _first_line(instruction: Instruction) -> Span:
    text = instruction.span.text.partition("\n")[0].rstrip()
    start = instruction.span.start
    return instruction.span.source.span(start, start + len(text))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_KEYWORD else text[:LONGEST_KEYWORD] + "…"

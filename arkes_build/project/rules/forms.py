"""Look for old and unclear ways of writing an instruction, most of them mended at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity
from arkes_build.language.nodes import Form
from arkes_build.project.rules import spots
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic, Fix
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.rules.subject import Subject

MAINTAINER = Rule(
    code="maintainer-deprecated", title="MAINTAINER is out of use.", severity=Severity.WARNING
)
PAIR_OLD = Rule(
    code="pair-old-form",
    title="A name and its value are parted by a space.",
    severity=Severity.WARNING,
)
COMMAND_FORM = Rule(
    code="command-form",
    title="CMD or ENTRYPOINT is no JSON list.",
    severity=Severity.WARNING,
)
ADD_LOCAL = Rule(
    code="add-local",
    title="ADD is used where COPY does the same.",
    severity=Severity.WARNING,
)
EXPOSE_FORM = Rule(
    code="expose-form",
    title="EXPOSE names something else than a port and a protocol.",
    severity=Severity.WARNING,
)
RULES = (MAINTAINER, PAIR_OLD, COMMAND_FORM, ADD_LOCAL, EXPOSE_FORM)

_PLAIN = re.compile(r"[^\"'\\`$\n]*")
_UNPACKED = re.compile(r"\.(?:tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst)(?:\.\w+)?\Z", re.IGNORECASE)
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://|git@|.*\.git(?:#|\Z)", re.IGNORECASE)
_ADD_ONLY = frozenset({"checksum", "keep-git-dir", "unpack"})
_PORT = re.compile(r"[0-9]+(?:-[0-9]+)?(?:/(?:tcp|udp|sctp))?")
_MAY_BE_PORT = re.compile(r"[0-9]+(?:-[0-9]+)?/(?:tcp|udp|sctp)", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is better written in another way."""
    shells = {s.stage for s in subject.walked.steps if s.instruction.keyword == "SHELL"}
    for step in subject.walked.steps:
        instruction = step.instruction
        match instruction.keyword:
            case "MAINTAINER":
                yield _maintainer(instruction)
            case "ENV" | "LABEL":
                yield from _pair(instruction)
            case "CMD" | "ENTRYPOINT" if instruction.form is Form.SHELL and instruction.words:
                if step.stage not in shells:
                    yield _command(instruction)
            case "ADD":
                yield from _add(instruction)
            case "EXPOSE":
                yield from _expose(instruction)


def _maintainer(instruction: Instruction) -> Diagnostic:
    fix, name = None, instruction.text.strip("\"'")
    if _PLAIN.fullmatch(name):
        text = f'LABEL org.opencontainers.image.authors="{name}"'
        fix = spots.replaced("write a LABEL", instruction.span, text)
    return MAINTAINER.finding(
        "MAINTAINER is out of use: no tool reads it any more",
        spots.keyword(instruction),
        remedy='write LABEL org.opencontainers.image.authors="…"',
        fix=fix,
    )


def _pair(instruction: Instruction) -> Iterator[Diagnostic]:
    first, _, rest = instruction.text.partition(" ")
    if len(instruction.words) != 1 or "=" in first or not rest or instruction.form is Form.EXEC:
        return
    span = instruction.words[0].span
    yield PAIR_OLD.finding(
        f"{instruction.keyword} {first[:40]} has a space where = belongs",
        span,
        remedy=f'write {instruction.keyword} {first[:40]}="…"',
        fix=_pair_fix(first, rest.strip(), instruction),
    )


def _pair_fix(name: str, value: str, instruction: Instruction) -> Fix | None:
    span = instruction.words[0].span
    if not (_PLAIN.fullmatch(value) and _PLAIN.fullmatch(name)) or "\n" in span.text:
        return None
    return spots.replaced("write name=value", span, f'{name}="{value}"')


def _command(instruction: Instruction) -> Diagnostic:
    return COMMAND_FORM.finding(
        f"{instruction.keyword} runs inside a shell, which keeps signals from the program",
        spots.first_line(instruction),
        remedy=f'write a JSON list: {instruction.keyword} ["program", "argument"]',
    )


def _add(instruction: Instruction) -> Iterator[Diagnostic]:
    sources = [word.text.strip("\"'") for word in instruction.words[:-1]]
    needs_add = any("$" in s or _REMOTE.match(s) or _UNPACKED.search(s) for s in sources)
    if needs_add or any(flag.name in _ADD_ONLY for flag in instruction.flags) or not sources:
        return
    place = spots.keyword(instruction)
    wanted = "copy" if place.text.islower() else "COPY"
    yield ADD_LOCAL.finding(
        "ADD takes files of the context here, as COPY does",
        place,
        remedy=f"write {wanted}: it never fetches or unpacks anything",
        fix=spots.replaced(f"write {wanted}", place, wanted),
    )


def _expose(instruction: Instruction) -> Iterator[Diagnostic]:
    for word in instruction.words:
        text = word.text.strip("\"'")
        if "$" in text or _PORT.fullmatch(text):
            continue
        is_case = _MAY_BE_PORT.fullmatch(text) is not None
        yield EXPOSE_FORM.finding(
            f"the protocol of {text!r} is in upper case"
            if is_case
            else f"{text[:40]!r} is no port with a protocol",
            word.span,
            remedy=f"write {text.lower()}"
            if is_case
            else "write PORT, PORT-PORT or PORT/tcp; addresses are given when a container starts",
            fix=spots.replaced(f"write {text.lower()}", word.span, text.lower())
            if is_case
            else None,
        )

"""Check lines of tmpfiles.d and sysusers.d that come in: a wrong one is skipped at boot.

Sources: tmpfiles.d(5) and sysusers.d(5).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Label, Severity
from arkes_build.core.source import Source
from arkes_build.project.rules.brought import brought
from arkes_build.project.rules.config_lines import (
    SYSUSERS_TYPES,
    TMPFILES_TYPES,
    config_lines,
    is_config,
)
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.brought import Brought
    from arkes_build.project.rules.subject import Subject

TMPFILES = Rule(
    code="tmpfiles-line",
    title="A line of tmpfiles.d is wrong.",
    severity=Severity.WARNING,
)
SYSUSERS = Rule(
    code="sysusers-line",
    title="A line of sysusers.d is wrong.",
    severity=Severity.WARNING,
)
RULES = (TMPFILES, SYSUSERS)

_MODE = re.compile(r"-|[:~]*0?[0-7]{3,4}")
_AGE = re.compile(r"-|[abcmABCM]*:?~?(?:0|(?:\d+(?:\.\d+)?\s*[a-zµ]*)+)")
_MODIFIERS = re.compile(r"[-+!=~^$?]*")
_NAME = re.compile(r"[A-Za-z_%][A-Za-z0-9_.%-]*\$?")
_ID = re.compile(r"-|\d+|\d+:[\w.-]+|/.+")
_RANGE = re.compile(r"\d+(-\d+)?")
_MOST_FIELDS = {"u": 6, "g": 3, "m": 3, "r": 3}
_MODE_AT, _AGE_AT = 2, 5


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a finding for each wrong line, where the Systemfile names its file."""
    told: set[tuple[int, str]] = set()
    for each in brought(subject):
        for kind, rule, judge in _KINDS:
            if (each.span.start, each.path) in told or not is_config(each.path, kind):
                continue
            told.add((each.span.start, each.path))
            yield from _lines(each, rule, judge, subject.project.root)


def _lines(
    each: Brought, rule: Rule, judge: Callable[[tuple[str, ...]], str], root: Path
) -> Iterator[Diagnostic]:
    text = each.text() or ""
    file = os.fspath(each.file or each.path)
    source = Source(file.removeprefix(f"{root}/"), text)
    for line in config_lines(text):
        wrong = judge(line.fields)
        if wrong:
            place = source.span(line.start, line.start + len(line.text))
            related = () if each.file is None else (Label(span=place, text="here"),)
            number = source.position(line.start)[0]
            yield rule.finding(
                f"/{each.path}, line {number}: {wrong}",
                each.span,
                remedy="correct the line: systemd says this in the journal and goes on without it",
                related=related,
            )


def _tmpfiles(fields: tuple[str, ...]) -> str:
    """Say what is wrong with the fields of a line, nothing when it is right."""
    kind = fields[0] if fields else ""
    if kind[:1] not in TMPFILES_TYPES or not _MODIFIERS.fullmatch(kind[1:]):
        return f"{kind!r} is no type of tmpfiles.d"
    if len(fields) < 2:  # noqa: PLR2004 - type and path
        return "the path is missing"
    if not fields[1].startswith(("/", "%")):
        return f"the path {fields[1]!r} does not begin with /"
    if len(fields) > _MODE_AT and not _MODE.fullmatch(fields[_MODE_AT]):
        return f"{fields[_MODE_AT]!r} is no mode such as 0755"
    if len(fields) > _AGE_AT and not _AGE.fullmatch(fields[_AGE_AT]):
        return f"{fields[_AGE_AT]!r} is no age such as 10d; write - for none"
    return ""


def _sysusers(fields: tuple[str, ...]) -> str:
    kind = fields[0].rstrip("!") if fields else ""
    if kind not in SYSUSERS_TYPES:
        return f"{kind!r} is no type of sysusers.d: u, g, m or r"
    if len(fields) < 2 or (kind in "mr" and len(fields) < 3):  # noqa: PLR2004 - type, name, third
        return "a field is missing"
    given = len(fields)
    while fields[given - 1] == "-":
        given -= 1
    if given > _MOST_FIELDS[kind]:
        return (
            f"there are {given} fields, {kind} has {_MOST_FIELDS[kind]}: quote a text with spaces"
        )
    return _sysusers_values(kind, fields)


def _sysusers_values(kind: str, fields: tuple[str, ...]) -> str:
    if kind == "r":
        return "" if _RANGE.fullmatch(fields[2]) else f"{fields[2]!r} is no range of numbers"
    if not _NAME.fullmatch(fields[1]):
        return f"{fields[1]!r} cannot be a name"
    if kind in "ug" and len(fields) > 2 and not _ID.fullmatch(fields[2]):  # noqa: PLR2004 - the number
        return f"{fields[2]!r} is no number; write - for any"
    return ""


_KINDS = (("tmpfiles.d", TMPFILES, _tmpfiles), ("sysusers.d", SYSUSERS, _sysusers))

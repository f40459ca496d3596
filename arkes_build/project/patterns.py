"""Match paths as Containerfiles do: Go's file patterns, and the ignore files' rules.

Sources: path/filepath ``Match`` for COPY and ADD; the moby ``patternmatcher`` package
and containerignore(5) for the ignore files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WILD = frozenset("*?[")
"""Characters that make a pattern of a path."""

IGNORE_FILES = (".containerignore", ".dockerignore")
"""Where ignore rules are read from; the first one that exists counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of an ignore file."""

    pattern: re.Pattern[str]
    keeps: bool
    """The line began with ``!``: what matches is not ignored after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """The rules of one ignore file; the last one that matches a path decides."""

    file: str = ""
    """Its name, for people."""
    rules: tuple[Rule, ...] = ()

    def hides(self, path: str) -> bool:
        """Tell whether a path (``/`` between the parts) is left out of the context."""
        hidden = False
        for rule in self.rules:
            if hidden is rule.keeps and rule.pattern.fullmatch(path):
                hidden = not rule.keeps
        return hidden

    @property
    def may_keep_inside(self) -> bool:
        """Tell whether something below a hidden folder may still be wanted."""
        return any(rule.keeps for rule in self.rules)


def parse_ignore(file: str, text: str) -> Ignore:
    """Return the rules of an ignore file; lines that are no pattern match nothing."""
    rules = []
    for line in text.removeprefix("\ufeff").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keeps = pattern.startswith("!")
        pattern = normal(pattern[1:].strip() if keeps else pattern)
        # "." alone names the context itself, which is never left out
        if pattern:
            translated = _translate(pattern, double_star=True) + r"(?:/.*)?"
            rules.append(Rule(pattern=_compiled(translated), keeps=keeps))
    return Ignore(file=file, rules=tuple(rules))


def glob_pattern(text: str) -> re.Pattern[str]:
    """Return the expression for one part of a path, as Go's ``filepath.Match`` reads it."""
    return _compiled(_translate(text, double_star=False))


def normal(path: str) -> str:
    """Return a path without ``.``, doubled and outer slashes; ``..`` only in front.

    The context itself is the empty text; a result that begins with ``..`` leaves it.
    """
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")


def _translate(pattern: str, *, double_star: bool) -> str:
    out, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and double_star and pattern.startswith("*", at):
            at += 1
            if pattern.startswith("/", at):
                at += 1
                out.append("(?:.*/)?")
            else:
                out.append(".*")
        elif char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            end = _class_end(pattern, at)
            out.append(_class(pattern[at:end]) if end else "(?!)")
            at = end + 1 if end else len(pattern)
        elif char == "\\" and at < len(pattern):
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _class_end(pattern: str, at: int) -> int:
    """Return where the ``]`` of a class is, 0 when there is none."""
    at += pattern.startswith("^", at)
    start = at
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "]" and at > start:
            return at
        at += 1
    return 0


def _class(inside: str) -> str:
    r"""Return a character class; only ``^``, ``-`` and ``\`` mean something in Go's."""
    negated = inside.startswith("^")
    members = inside[1:] if negated else inside
    return ("[^" if negated else "[") + re.sub(r"(?<!\\)([\[&~|]|(?<=-)-)", r"\\\1", members) + "]"

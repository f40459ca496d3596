"""Name every rule there is, and every check that looks at files.

Whoever adds rules adds its table to ``_TABLES``; a module with checks adds its ``check`` to
``ALONE``, when it needs no other file than the one it looks at, or else to ``WIDER``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from arkes_build.project.rules import of_language, of_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.rule import Rule
    from arkes_build.project.rules.subject import Subject

    Check = Callable[[Subject], Iterator[Diagnostic]]

_TABLES: tuple[tuple[Rule, ...], ...] = (
    of_language.RULES,
    of_project.RULES,
)
"""The tables of rules of all modules."""

ALONE: tuple[Check, ...] = ()
"""Checks that need the file itself only: an editor runs them at each keypress."""

WIDER: tuple[Check, ...] = ()
"""Checks that look at other files, at overlays, or at what was built."""

CHECKS: tuple[Check, ...] = (*ALONE, *WIDER)
"""All checks, in the order in which they run."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for rule in sorted((r for t in _TABLES for r in t), key=lambda r: r.code)}
)
"""Code → rule, sorted: every code that any finding of the product can have."""

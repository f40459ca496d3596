"""Name every rule there is, and every check that looks at files.

A module whose check needs no other file than the one it looks at, and does not care for the
family, adds its table to ``_OF_ONE_FILE`` and its ``check`` to ``ALONE``; any other one
adds its table to ``_TABLES`` and its ``check``, if it has one, to ``WIDER`` or, where the family
matters, to ``BY_FAMILY``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from arkes_build.project.declare import alone, aur, overridden
from arkes_build.project.declare import rules as declare
from arkes_build.project.rules import (
    accounts,
    arguments_of_kernel,
    config_syntax,
    downloads,
    forms,
    habits,
    letters,
    lost,
    managers,
    of_language,
    of_project,
    overlay_files,
    overlay_paths,
    package_tools,
    packages,
    remote,
    running,
    secret,
    skips,
    stages,
    undeclared,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.rule import Rule
    from arkes_build.project.rules.subject import Subject

    Check = Callable[[Subject], Iterator[Diagnostic]]

_TABLES: tuple[tuple[Rule, ...], ...] = (
    accounts.RULES,
    config_syntax.RULES,
    declare.RULES,
    lost.RULES,
    of_project.RULES,
    overlay_files.RULES,
    overlay_paths.RULES,
    package_tools.RULES,
    packages.RULES,
    skips.RULES,
    units.RULES,
)
"""The tables of rules of all modules that look further than one file."""

_OF_ONE_FILE: tuple[tuple[Rule, ...], ...] = (
    arguments_of_kernel.RULES,
    downloads.RULES,
    forms.RULES,
    habits.RULES,
    letters.RULES,
    managers.RULES,
    of_language.RULES,
    remote.RULES,
    running.RULES,
    secret.RULES,
    stages.RULES,
    undeclared.RULES,
)
"""The tables of the parser and of the modules whose checks are in ``ALONE``."""

ALONE: tuple[Check, ...] = (
    alone.check,
    arguments_of_kernel.check,
    downloads.check,
    forms.check,
    habits.check,
    letters.check,
    managers.check,
    remote.check,
    running.check,
    secret.check,
    stages.check,
    undeclared.check,
)
"""Checks that need the file itself only: an editor runs them at each keypress."""

WIDER: tuple[Check, ...] = (
    accounts.check,
    config_syntax.check,
    lost.check,
    overlay_files.check,
    overlay_paths.check,
    overridden.check,
)
"""Checks that look at overlays as well, and do not care for the family."""

BY_FAMILY: tuple[Check, ...] = (
    aur.check,
    package_tools.check,
    packages.check,
    units.check,
)
"""Checks that care for the family, for other files, or for what was built."""

CHECKS: tuple[Check, ...] = (*ALONE, *WIDER, *BY_FAMILY)
"""All checks, in the order in which they run."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.code: rule
        for rule in sorted((r for t in (*_OF_ONE_FILE, *_TABLES) for r in t), key=lambda r: r.code)
    }
)
"""Code → rule, sorted: every code that any finding of the product can have."""

OF_ONE_FILE: frozenset[str] = frozenset(rule.code for table in _OF_ONE_FILE for rule in table)
"""Codes of rules that need one file only, and say the same for every family that sees it."""

"""Check declarations: each value by itself, then what they say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Label
from arkes_build.core.names import Family
from arkes_build.project.declare import values
from arkes_build.project.declare.repository import check_repository
from arkes_build.project.declare.rules import (
    PACKAGE_CONFLICT,
    PACKAGE_NAME,
    SETTING_DUPLICATE,
    SETTING_VALUE,
    UNIT_NAME,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.project.declare.declaration import Declaration, Value
    from arkes_build.project.rules.rule import Rule

    Judge = Callable[[str], values.Problem | None]

_UNITS = ("ENABLE", "DISABLE", "MASK")


def check_values(given: Declaration, family: Family) -> Iterator[Diagnostic]:
    """Yield what is wrong with the values of one declaration for a family."""
    if given.keyword == "REPOSITORY":
        if given.is_clear:
            yield from check_repository(given, family)
        return
    rule, judge = _judge(given.keyword, family)
    if judge is None or (given.keyword == "AUR" and family is not Family.ARCH):
        return
    is_empty = given.is_clear and given.instruction.words and not given.values
    if given.keyword in values.SETTINGS and is_empty:
        yield SETTING_VALUE.finding(
            f"{given.keyword} has an empty value",
            given.instruction.span,
            remedy="write a value, or take the line out",
        )
    for value in given.values:
        problem = judge(value.text)
        if problem is not None:
            yield rule.finding(problem.message, value.span, remedy=problem.remedy)


def check_together(declarations: Iterable[Declaration]) -> Iterator[Diagnostic]:
    """Yield packages that one segment installs and removes, or wants in two versions."""
    first: dict[str, tuple[str, Value]] = {}
    for given in declarations:
        if given.keyword not in ("PACKAGES", "REMOVE", "AUR"):
            continue
        for value in given.values:
            name, _, version = value.text.partition("=")
            if name not in first:
                first[name] = (given.keyword, value)
                continue
            keyword, before = first[name]
            others = before.text.partition("=")[2]
            if keyword != given.keyword or (version and others and version != others):
                yield PACKAGE_CONFLICT.finding(
                    f"{name} is named by {keyword}"
                    + (
                        f" and by {given.keyword}"
                        if keyword != given.keyword
                        else " in two versions"
                    )
                    + ", which become one layer",
                    value.span,
                    remedy="keep one of the two",
                    related=(Label(span=before.span, text="first named here"),),
                )


def check_stage(said: Iterable[Declaration]) -> Iterator[Diagnostic]:
    """Yield settings that one stage gives twice."""
    first: dict[str, Span] = {}
    for given in said:
        if given.keyword in values.SETTINGS:
            yield from _twice(given.keyword, given.instruction.span, first)
        elif given.keyword == "SYSCTL":
            for value in given.values:
                key = values.parameter(value.text.partition("=")[0])
                yield from _twice(key, value.span, first)


def _judge(keyword: str, family: Family) -> tuple[Rule, Judge | None]:
    if keyword in values.SETTINGS:
        return SETTING_VALUE, values.SETTINGS[keyword]
    if keyword in _UNITS:
        return UNIT_NAME, values.unit
    named: dict[str, tuple[Rule, Judge]] = {
        "PACKAGES": (PACKAGE_NAME, lambda text: values.package(text, family)),
        "REMOVE": (PACKAGE_NAME, lambda text: values.package_name(text, family)),
        "AUR": (PACKAGE_NAME, values.aur_package),
        "KARGS": (SETTING_VALUE, values.kernel_argument),
        "SYSCTL": (SETTING_VALUE, values.sysctl),
    }
    return named.get(keyword, (SETTING_VALUE, None))


def _twice(name: str, span: Span, first: dict[str, Span]) -> Iterator[Diagnostic]:
    if name in first:
        yield SETTING_DUPLICATE.finding(
            f"{name} is given twice",
            span,
            remedy="keep one of the two; --family= and --arch= say where each counts",
            related=(Label(span=first[name], text="first given here"),),
        )
    first.setdefault(name, span)

"""Find paths that two sources bring: only one of them ends in the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Label, Severity
from arkes_build.project.rules.brought import brought
from arkes_build.project.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.project.rules.brought import Brought
    from arkes_build.project.rules.subject import Subject

PATH_TWICE = Rule(
    code="path-twice",
    title="Two overlays or copies bring the same path.",
    severity=Severity.WARNING,
)
OVERLAY_TWICE = Rule(
    code="overlay-twice",
    title="An overlay is laid twice.",
    severity=Severity.WARNING,
)
OS_RELEASE = Rule(
    code="os-release",
    title="A file brings os-release, which the compiler writes.",
    severity=Severity.WARNING,
)
RULES = (PATH_TWICE, OVERLAY_TWICE, OS_RELEASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield one finding for each pair of sources that meet."""
    first: dict[str, Brought] = {}
    overlays: dict[str, Brought] = {}
    told: set[tuple[int, int]] = set()
    for each in brought(subject):
        if each.path in ("etc/os-release", "usr/lib/os-release") and each.link() is None:
            yield _os_release(each)
        if each.overlay:
            before = overlays.setdefault(each.overlay, each)
            if before.span.start != each.span.start:
                pair = (before.span.start, each.span.start)
                if pair not in told:
                    yield _overlay_twice(before, each)
                told.add(pair)
                continue
        if each.file is None and each.body is None:
            continue
        before = first.setdefault(each.path, each)
        pair = (before.span.start, each.span.start)
        if before is not each and pair not in told and not _is_same(before, each):
            told.add(pair)
            yield _path_twice(before, each)


def _is_same(first: Brought, second: Brought) -> bool:
    """Tell whether both are one file, or one text, so that nothing is lost."""
    return (first.file, first.body) == (second.file, second.body)


def _path_twice(before: Brought, each: Brought) -> Diagnostic:
    first = _named(before, otherwise=f"the {before.instruction.keyword} above")
    second = _named(each, otherwise=f"this {each.instruction.keyword}")
    return PATH_TWICE.finding(
        f"/{each.path} comes from {first} and from {second}, which wins",
        each.span,
        remedy="remove one of the two, or bring it under another name",
        related=(Label(span=before.span, text="brought first here"),),
    )


def _named(each: Brought, *, otherwise: str) -> str:
    return f"overlay {each.overlay}" if each.overlay else otherwise


def _overlay_twice(before: Brought, each: Brought) -> Diagnostic:
    return OVERLAY_TWICE.finding(
        f"overlay {each.overlay} is laid a second time",
        each.span,
        remedy="remove one of the two, the second one if files in between change what it brought",
        related=(Label(span=before.span, text="first laid here"),),
    )


def _os_release(each: Brought) -> Diagnostic:
    return OS_RELEASE.finding(
        f"/{each.path} is written by the compiler in the last layer, over this one",
        each.span,
        remedy="remove the file; its fields come from arkes.toml, x-name and the node's name",
    )

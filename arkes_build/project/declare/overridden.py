"""Say which settings an overlay of the same file overrides: it wins wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Label
from arkes_build.project.declare import priority
from arkes_build.project.declare.declaration import read
from arkes_build.project.declare.overlaid import overlays_of
from arkes_build.project.declare.rules import SETTING_OVERRIDDEN
from arkes_build.project.declare.values import parameter
from arkes_build.project.overlays import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.project.declare.priority import Laid
    from arkes_build.project.rules.subject import Subject
    from arkes_build.project.scope import Step


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a note for every setting that a file of an overlay wins over."""
    keywords = {step.instruction.keyword for step in subject.walked.steps}
    settings = keywords & {*priority.PATHS, "SYSCTL"}
    if "OVERLAY" not in keywords or not settings:
        return
    overlaid = overlays_of(subject.walked, subject.overlays)
    for step in subject.walked.steps:
        if step.instruction.keyword in settings and step.stage >= 0:
            yield from _overridden(step, overlaid[step.stage])


def _overridden(step: Step, laid: Sequence[Laid]) -> Iterator[Diagnostic]:
    keyword = step.instruction.keyword
    if keyword == "SYSCTL":
        theirs = priority.parameters(laid)
        for value in read(step, []).values:
            key = parameter(value.text.partition("=")[0])
            if key in theirs:
                yield _note(key, value.span, *theirs[key])
        return
    for path, winner in priority.winners([keyword], laid).items():
        yield _note(keyword, step.instruction.span, winner, path)


def _note(what: str, span: Span, winner: Laid, path: str) -> Diagnostic:
    return SETTING_OVERRIDDEN.finding(
        f"{FOLDER}/{winner.overlay.name}/{path} wins over {what}",
        span,
        remedy="take the setting out, or the file",
        related=(Label(span=winner.span, text="the overlay is laid here"),),
    )

"""Draw what went wrong: what happened, where, what is known, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity, SourceError, excerpt, render
from arkes_build.ui.screen import Style
from arkes_build.ui.text import counted, safe, safe_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.errors import ArkesError
    from arkes_build.ui.screen import Screen

_HEADS = {Severity.ERROR: Style.BAD, Severity.WARNING: Style.CARE, Severity.NOTE: Style.SAME}


def error_lines(error: ArkesError, screen: Screen) -> list[str]:
    """Return an error as lines for people; all findings when files are wrong."""
    if isinstance(error, SourceError):
        return [*diagnostics_lines(error.diagnostics, screen), "", counts(error.diagnostics)]
    lines = [screen.paint(f"error: {safe(error.brief)}", Style.BAD)]
    if error.where is not None:
        lines.append(f"  --> {safe(str(error.where))}")
        lines += safe_lines(excerpt(error.where))
    lines += [f"  {line}".rstrip() for line in safe_lines(error.details)]
    if error.resolution:
        first, *rest = safe_lines(error.resolution)
        lines.append(f"  = help: {first}")
        lines += [f"          {line}".rstrip() for line in rest]
    return lines


def diagnostics_lines(found: Iterable[Diagnostic], screen: Screen) -> list[str]:
    """Return findings as lines for people, an empty line between two."""
    lines: list[str] = []
    for diagnostic in found:
        head, *rest = safe_lines(render(diagnostic))
        lines += [""] if lines else []
        lines += [screen.paint(head, _HEADS[diagnostic.severity]), *rest]
    return lines


def counts(found: Sequence[Diagnostic]) -> str:
    """Return how many findings of each severity there are: ``2 errors, 1 warning``."""
    numbers = {kind: sum(d.severity is kind for d in found) for kind in Severity}
    words = [counted(number, kind.value) for kind, number in numbers.items() if number]
    return ", ".join(words) or "no findings"


def check_end(found: Sequence[Diagnostic]) -> list[str]:
    """Return the lines that end a list of findings: how many, and where to read on."""
    lines = [counts(found)]
    worst = min(found, key=lambda each: list(Severity).index(each.severity), default=None)
    if worst is not None:
        lines.append(f"`arkes-build explain {safe(worst.code)}` says more about a code")
    return lines

"""Carry findings from a text over to the next version of it, while the new one is looked at.

Without this every mark that needs the whole project would vanish at each keypress, and come
back a moment later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.core.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span


def carried(findings: Iterable[Diagnostic], name: str, after: str) -> Iterator[Diagnostic]:
    """Yield findings at their places in the text ``after``; those that were typed over are gone.

    All have a span in one source called ``name``. Fixes are dropped: they were meant for the
    old text.
    """
    source, shift = Source(name, after), None
    for finding in findings:
        if finding.span is None:
            continue
        if shift is None:
            shift = _Shift(finding.span.source.text, after)
        span = shift.moved(finding.span, source)
        if span is not None:
            yield replace(finding, span=span, fix=None, related=())


class _Shift:
    """Know the one stretch in which two texts differ."""

    def __init__(self, before: str, after: str) -> None:
        self.start = _common(before, after)
        room = min(len(before), len(after)) - self.start
        tail = _common(before[::-1][:room], after[::-1][:room])
        self.end = len(before) - tail
        self.by = len(after) - len(before)

    def moved(self, span: Span, source: Source) -> Span | None:
        if span.end <= self.start:
            return source.span(span.start, span.end)
        if span.start >= self.end:
            return source.span(span.start + self.by, span.end + self.by)
        return None


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low

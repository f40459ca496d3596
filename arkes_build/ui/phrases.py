"""Put the outcome of a node into words, and choose how each outcome looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.events import Outcome
from arkes_build.ui.screen import Style
from arkes_build.ui.text import duration, safe

if TYPE_CHECKING:
    from arkes_build.core.events import NodeFinished
    from arkes_build.core.source import Span
    from arkes_build.plan.actions import Reason

SHORT_COMMIT = 12
"""Digits of a checksum that people are shown; OSTree accepts the beginning of one."""

STYLES: dict[Outcome, Style] = {
    Outcome.BUILT: Style.GOOD,
    Outcome.REUSED: Style.CALM,
    Outcome.UNCHANGED: Style.SAME,
    Outcome.FAILED: Style.BAD,
    Outcome.SKIPPED: Style.CARE,
    Outcome.PLANNED: Style.STRONG,
    Outcome.PUBLISHED: Style.GOOD,
    Outcome.PASSED: Style.GOOD,
}


def ended(event: NodeFinished) -> str:
    """Return how a node ended in one line: outcome, time, size, ref and commit, remark.

    The remark on a built one is why it was built, and that was said when it began; of
    one that was reused it is all that is new.
    """
    if event.outcome is Outcome.REUSED:
        return safe(": ".join(filter(None, (event.outcome.value, event.message))))
    parts = [event.outcome.value]
    if event.seconds:
        parts[0] += f" in {duration(event.seconds)}"
    if event.size:
        parts.append(size(event.size))
    if event.ref or event.commit:
        parts.append(f"{event.ref} {event.commit[:SHORT_COMMIT]}".strip())
    if event.message and event.outcome is not Outcome.BUILT:
        parts.append(event.message.removeprefix(f"{event.node}: "))
    return safe(", ".join(parts))


def brief(step: str) -> str:
    r"""Return an engine's step as people think of it: one line, without mounts and ``\``.

    ``RUN --mount=… make`` is ``RUN make``; what a mount brings is not what happens.
    """
    words = (w for w in step.split() if w != "\\" and not w.startswith("--mount="))
    return safe(" ".join(words))


def told(reason: Reason) -> str:
    """Return a reason with its place, safe for a terminal."""
    return safe(str(reason))


def place(span: Span | None) -> str:
    """Return ``file:line`` of a span, or an empty text."""
    return f"{span.source.name}:{span.line}" if span else ""

"""Point from a failed step of the engine back to the line that people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.model import ResolvedVariant


def locate(node: ResolvedVariant, step: str, *, word: str = "") -> Span | None:
    """Return the place in the node's own file that a step of the engine came from.

    ``step`` is the engine's text of the step (``RUN make``). The engine may have
    rewritten it, so the instruction is the one of the same keyword that shares the
    most words with it. ``word``, when that text stands in the instruction, narrows
    the place down to it: the package that does not exist.
    """
    keyword, _, rest = step.partition(" ")
    wanted = set(rest.split())
    candidates = [i for i in node.instructions if i.keyword == keyword.upper()]
    if not candidates:
        return None
    best = max(candidates, key=lambda i: _likeness(i, wanted))
    return _narrow(best.span, word) if word else best.span


def _likeness(instruction: Instruction, wanted: set[str]) -> float:
    words = set(instruction.text.split())
    for heredoc in instruction.heredocs:
        words.update(heredoc.body.split())
    return len(words & wanted) / max(1, len(words | wanted))


def _narrow(span: Span, word: str) -> Span:
    offset = span.text.find(word)
    if offset < 0:
        return span
    return span.source.span(span.start + offset, span.start + offset + len(word))

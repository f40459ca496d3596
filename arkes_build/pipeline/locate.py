"""Point from a failed step of the engine back to the line that people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.project.declare.lowered import origins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.model import ResolvedVariant


def locate(node: ResolvedVariant, step: str, *, word: str = "") -> Span | None:
    """Return the place in the node's own file that a step of the engine came from.

    ``step`` is the engine's text of the step (``RUN make``). The engine may have
    rewritten it, so the instruction is the one of the same keyword that shares the
    most words with it. ``word``, when that text stands in the instruction, narrows
    the place down to it: the package that does not exist. What was compiled from
    several instructions is looked for in all of them.
    """
    keyword, _, rest = step.partition(" ")
    wanted = set(rest.split())
    candidates = [i for i in node.instructions if i.keyword == keyword.upper()]
    if not candidates:
        return None
    best = max(candidates, key=lambda i: _likeness(i, wanted))
    written = origins(best)
    if not word:
        return written[0].span
    return _value(written, word) or _narrowest([each.span for each in written], word)


def _likeness(instruction: Instruction, wanted: set[str]) -> float:
    words = set(instruction.text.split())
    for heredoc in instruction.heredocs:
        words.update(heredoc.body.split())
    return len(words & wanted) / max(1, len(words | wanted))


def _value(written: Sequence[Instruction], word: str) -> Span | None:
    """Return the place of a word, or of the name in front of its ``=``."""
    for value in (value for instruction in written for value in instruction.words):
        if value.text == word:
            return value.span
        if value.text.startswith(f"{word}="):
            return value.span.source.span(value.span.start, value.span.start + len(word))
    return None


def _narrowest(spans: Sequence[Span], word: str) -> Span:
    for span in spans:
        offset = span.text.find(word)
        if offset >= 0:
            return span.source.span(span.start + offset, span.start + offset + len(word))
    return spans[0]

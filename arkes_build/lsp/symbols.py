"""Outline a file: its stages with their instructions, and what can be folded."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Instruction
    from arkes_build.lsp.positions import Ruler
    from arkes_build.lsp.view import View

LONGEST = 60
"""Characters of an instruction that are shown."""

_FULL_FROM = 3
_KINDS = {
    "ARG": types.SymbolKind.Variable,
    "ENV": types.SymbolKind.Variable,
    "COPY": types.SymbolKind.File,
    "ADD": types.SymbolKind.File,
    "OVERLAY": types.SymbolKind.Package,
    "PACKAGES": types.SymbolKind.Package,
    "REMOVE": types.SymbolKind.Package,
    "AUR": types.SymbolKind.Package,
    "RUN": types.SymbolKind.Event,
}
"""Instruction → how editors draw it; others are properties of the system."""


def outline(view: View) -> list[types.DocumentSymbol]:
    """Return the stages, each with its instructions; what stands above the first FROM alone."""
    ruler = view.document.ruler
    found: list[types.DocumentSymbol] = []
    stage: types.DocumentSymbol | None = None
    for instruction in view.file.instructions:
        symbol = _symbol(instruction, ruler)
        if instruction.keyword == "FROM":
            stage = symbol
            found.append(symbol)
        elif stage is None:
            found.append(symbol)
        else:
            stage.children = [*(stage.children or []), symbol]
            stage.range = types.Range(start=stage.range.start, end=symbol.range.end)
    return found


def folds(view: View) -> list[types.FoldingRange]:
    """Return what can be folded: stages, long instructions, here-documents, comments."""
    ruler = view.document.ruler
    found = {(f.start_line, f.end_line): f for f in _folds(view, ruler)}
    return [found[key] for key in sorted(found) if key[0] < key[1]]


def _folds(view: View, ruler: Ruler) -> Iterator[types.FoldingRange]:
    instructions = view.file.instructions
    froms = [number for number, each in enumerate(instructions) if each.keyword == "FROM"]
    for first, last in pairwise([*froms, len(instructions)]):
        yield _fold(ruler, instructions[first].span.start, instructions[last - 1].span.end)
    for instruction in instructions:
        yield _fold(ruler, instruction.span.start, instruction.span.end)
        for document in (instruction.inner or instruction).heredocs:
            yield _fold(ruler, document.span.start, document.body_span.end)
    remarks: list[Span] = [h.span for h in view.file.headers]
    remarks += [c.span for c in view.file.comments]
    lines = sorted({ruler.position(span.start).line for span in remarks})
    for _, run in groupby(enumerate(lines), key=lambda pair: pair[1] - pair[0]):
        block = [line for _, line in run]
        yield types.FoldingRange(
            start_line=block[0], end_line=block[-1], kind=types.FoldingRangeKind.Comment
        )


def _fold(ruler: Ruler, start: int, end: int) -> types.FoldingRange:
    first, last = ruler.position(start), ruler.position(end)
    # a span that ends with its line's end must not take the next line along
    line = last.line - (last.character == 0 and last.line > first.line)
    return types.FoldingRange(start_line=first.line, end_line=line)


def _symbol(instruction: Instruction, ruler: Ruler) -> types.DocumentSymbol:
    words = [word.text for word in instruction.words]
    name, detail = instruction.keyword, " ".join(instruction.text.split())
    kind = _KINDS.get(name, types.SymbolKind.Property)
    if instruction.keyword == "FROM":
        kind = types.SymbolKind.Class
        is_named = len(words) == _FULL_FROM
        name = words[2] if is_named else " ".join(["FROM", *words[:1]])
        detail = words[0] if is_named else ""
    start = instruction.span.start
    return types.DocumentSymbol(
        name=name if instruction.keyword == "FROM" else f"{name} {_short(detail)}".strip(),
        detail=detail if instruction.keyword == "FROM" else None,
        kind=kind,
        range=ruler.of_span(instruction.span),
        selection_range=ruler.range(start, start + len(instruction.keyword)),
        children=None,
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

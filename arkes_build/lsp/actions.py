"""Offer what can be done about a finding: mend it, or silence its rule with a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.catalogue import RULES
from arkes_build.project.rules.skips import RULES as OF_SKIPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.language.nodes import Instruction
    from arkes_build.lsp.view import View

_SKIP = re.compile(r"#\s*check\s*=\s*skip\s*=\s*[^\s,]+(?:\s*,\s*[^\s,]+)*", re.IGNORECASE)
_NOT_SKIPPED = frozenset(rule.code for rule in OF_SKIPS)


def actions(
    view: View, findings: Sequence[Diagnostic], params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return what can be done about the findings that a range touches."""
    if not _is_asked_for(params.context.only):
        return []
    ruler = view.document.ruler
    start, end = ruler.offset(params.range.start), ruler.offset(params.range.end)
    here = [f for f in findings if f.span and f.span.start <= end and start <= f.span.end]
    return [action for finding in here for action in _about(view, finding)]


def _is_asked_for(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    return only is None or any(
        types.CodeActionKind.QuickFix.startswith(str(getattr(kind, "value", kind))) for kind in only
    )


def _about(view: View, finding: Diagnostic) -> Iterator[types.CodeAction]:
    said = view.translator.translated(finding)
    if finding.fix is not None and all(_is_of(view, e.span.source.text) for e in finding.fix.edits):
        edits = [_edit(view, e.span.start, e.span.end, e.text) for e in finding.fix.edits]
        yield types.CodeAction(
            title=finding.fix.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[said],
            is_preferred=True,
            edit=types.WorkspaceEdit(changes={view.document.uri: edits}),
        )
    rule = RULES.get(finding.code)
    is_skippable = rule is not None and rule.is_skippable and rule.code not in _NOT_SKIPPED
    instruction = _instruction_of(view, finding)
    if is_skippable and finding.severity is not Severity.ERROR and instruction is not None:
        yield types.CodeAction(
            title=f"Skip {finding.code} here: write the reason behind it",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[said],
            edit=types.WorkspaceEdit(
                changes={view.document.uri: [_skip(view, instruction, finding.code)]}
            ),
        )


def _skip(view: View, instruction: Instruction, code: str) -> types.TextEdit:
    """Return the edit that names a rule in the comment above, or writes that comment.

    The reason is for people to write: until it is there, a finding asks for it.
    """
    text, start = view.document.text, instruction.span.start
    line = text.rfind("\n", 0, start) + 1
    above = text.rfind("\n", 0, max(line - 1, 0)) + 1
    indent = text[line:start]
    found = _SKIP.match(text[above:line].lstrip())
    if found:
        blanks = len(text[above:line]) - len(text[above:line].lstrip())
        at = above + blanks + found.end()
        return _edit(view, at, at, f",{code}")
    ending = "\r\n" if "\r\n" in text else "\n"
    return _edit(view, line, line, f"{indent}# check=skip={code} {ending}")


def _instruction_of(view: View, finding: Diagnostic) -> Instruction | None:
    if finding.span is None:
        return None
    at = finding.span.start
    inside = (i for i in view.file.instructions if i.span.start <= at <= i.span.end)
    return next(inside, None)


def _edit(view: View, start: int, end: int, text: str) -> types.TextEdit:
    return types.TextEdit(range=view.document.ruler.range(start, end), new_text=text)


def _is_of(view: View, text: str) -> bool:
    """Tell whether a place in a text is meant: the text must be what the editor has now."""
    return text == view.document.text

"""Give a stage another name, wherever the file names it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from arkes_build.lsp.uses import Names, Use, use_at, uses_of

if TYPE_CHECKING:
    from arkes_build.lsp.view import View

_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_TAKEN = frozenset({"scratch", "context"})
"""Names that mean something else where a stage can be named."""


def prepare(view: View, position: types.Position) -> types.PrepareRenamePlaceholder | None:
    """Return what would be renamed at a position, None where nothing can be."""
    use = _stage_at(view, position)
    if use is None:
        return None
    place = view.document.ruler.of_span(use.span)
    return types.PrepareRenamePlaceholder(range=place, placeholder=use.text)


def rename(view: View, position: types.Position, name: str) -> types.WorkspaceEdit | None:
    """Return the edits that rename a stage; raises for a name that no stage can have."""
    use = _stage_at(view, position)
    if use is None:
        raise _refused("only stages can be renamed: the NAME of a `FROM … AS NAME`")
    if not _STAGE_NAME.fullmatch(name):
        raise _refused(
            f"{name!r} cannot be a stage's name: a small letter first, then small letters, "
            "digits, '.', '_' and '-'"
        )
    uses = uses_of(view.file)
    others = {u.text.lower() for u in uses if u.declares and u.stage != use.stage}
    if name in others or name in _TAKEN:
        raise _refused(f"the name {name!r} is taken")
    ruler = view.document.ruler
    edits = [
        types.TextEdit(range=ruler.of_span(each.span), new_text=name)
        for each in same_stage(uses, use)
    ]
    return types.WorkspaceEdit(changes={view.document.uri: edits})


def same_stage(uses: tuple[Use, ...], use: Use) -> list[Use]:
    """Return all places that name the stage of ``use``; its number is no name."""
    return [
        each
        for each in uses
        if each.names is Names.STAGE and each.stage == use.stage and not each.text.isdecimal()
    ]


def _stage_at(view: View, position: types.Position) -> Use | None:
    use = use_at(uses_of(view.file), view.offset(position))
    if use is None or use.names is not Names.STAGE or use.text.isdecimal():
        return None
    return use


def _refused(why: str) -> JsonRpcInvalidParams:
    return JsonRpcInvalidParams(message=why)

"""Lead from a name to where it is made, and from there to all who use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from arkes_build.core import resources
from arkes_build.lsp.cursor import Cursor, Where, locate
from arkes_build.lsp.rename import same_stage
from arkes_build.lsp.uses import Names, Use, use_at, uses_of
from arkes_build.lsp.variables import declared_above, variable_at
from arkes_build.project.model import NodeKind
from arkes_build.project.patterns import normal
from arkes_build.project.rules.skips import skips_of

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.lsp.view import View

_TOP = types.Range(start=types.Position(0, 0), end=types.Position(0, 0))


def define(view: View, position: types.Position) -> list[types.Location]:
    """Return where the thing at a position is made; nothing for what is made nowhere."""
    offset = view.offset(position)
    text = view.document.text
    use = use_at(uses_of(view.file), offset)
    if use is not None and (use.names is not Names.IMAGE or "$" not in use.text):
        return [*_of_use(view, use)]
    variable = variable_at(text, offset)
    if variable is not None:
        declared = declared_above(view.file, offset).get(variable[0])
        return [_here(view, declared.span.start, declared.span.end)] if declared else []
    cursor = locate(view.file, text, offset)
    if cursor.where is Where.COMMENT:
        pages = [
            resources.rule_page(skip.code)
            for skip in skips_of(view.file)
            if skip.span.start <= offset <= skip.span.end
        ]
        return [_top_of(view, page) for page in pages if page]
    return _of_source(view, cursor)


def refer(view: View, position: types.Position, *, declared: bool) -> list[types.Location]:
    """Return all places that name the stage or node at a position, in the whole project.

    ``declared`` asks for the place that makes it as well. In a variant's own file a place
    that names nothing stands for the variant.
    """
    uses = uses_of(view.file)
    use = use_at(uses, view.offset(position))
    if use is not None and use.names is Names.STAGE:
        places = [each for each in same_stage(uses, use) if declared or not each.declares]
        return [_here(view, each.span.start, each.span.end) for each in places]
    if use is not None and use.names in (Names.NODE, Names.TEMPLATES):
        names, kind = {use.text}, use.names
    else:
        names = {node.name for _, node in view.own_nodes() if node.kind is NodeKind.VARIANT}
        kind = Names.NODE
    found = [place for path in view.paths() for place in _naming(view, path, names, kind)]
    made = [path for name in sorted(names) if (path := _path_of(view, name, kind))]
    return [*(_top_of(view, path) for path in made if declared), *found]


def _naming(view: View, path: Path, names: set[str], kind: Names) -> list[types.Location]:
    file = view.file_at(path)
    ruler = view.translator.ruler(file.source)
    return [
        types.Location(uri=view.uri(path), range=ruler.of_span(use.span))
        for use in uses_of(file)
        if use.names is kind and use.text in names
    ]


def _of_use(view: View, use: Use) -> list[types.Location]:
    if use.names is Names.STAGE:
        declared = [u for u in uses_of(view.file) if u.declares and u.stage == use.stage]
        return [_here(view, each.span.start, each.span.end) for each in declared[:1]]
    if use.names is Names.OVERLAY:
        overlay = view.overlays.find(use.text)
        files = sorted(overlay.files) if overlay else []
        return [_top_of(view, overlay.folder / files[0])] if overlay and files else []
    if use.names is Names.TEMPLATES:
        paths = [view.path_of_template(name) for name in use.text.split("-")]
        return [_top_of(view, path) for path in paths if path]
    names = [use.text]
    if "$" in use.text:
        # a template stands on as many nodes as it is applied to
        names = sorted({node.parent for _, node in view.own_nodes() if node.parent})
    found = dict.fromkeys(path for name in names if (path := view.path_of_node(name)))
    return [_top_of(view, path) for path in found]


def _of_source(view: View, cursor: Cursor) -> list[types.Location]:
    """Return the file that COPY or ADD takes, or the first one of a folder."""
    is_copy = cursor.keyword in ("COPY", "ADD") and cursor.where is Where.ARGUMENT
    if not is_copy or cursor.flag("from") is not None or view.context is None:
        return []
    name = normal(cursor.word.strip("\"',[]"))
    if not name or name.startswith(".."):
        return []
    path = view.context / name
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file())
        return [_top_of(view, files[0])] if files else []
    return [_top_of(view, path)] if path.is_file() else []


def _path_of(view: View, name: str, kind: Names) -> Path | None:
    is_template = kind is Names.TEMPLATES
    return view.path_of_template(name) if is_template else view.path_of_node(name)


def _top_of(view: View, path: Path) -> types.Location:
    return types.Location(uri=view.uri(path), range=_TOP)


def _here(view: View, start: int, end: int) -> types.Location:
    return types.Location(uri=view.document.uri, range=view.document.ruler.range(start, end))

"""Explain what the pointer is on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from arkes_build.core import resources
from arkes_build.core.names import Family
from arkes_build.language.keywords import KEYWORDS
from arkes_build.language.manual import ARGUMENTS, DIRECTIVES, FLAGS, HEADERS, INSTRUCTIONS
from arkes_build.lsp.cursor import Cursor, Where, locate
from arkes_build.lsp.suggestions import UNIT
from arkes_build.lsp.uses import Names, Use, use_at, uses_of
from arkes_build.lsp.variables import declared_above, values_of, variable_at
from arkes_build.project.rules.skips import skips_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.lsp.view import View

MOST = 12
"""How many nodes, files or values are listed."""

_HEADER = re.compile(r"#\s*(x-[\w-]+)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*([a-z]+)\s*=", re.IGNORECASE)
_UNKNOWN = "not known before the build"

Told = tuple[str, int, int]
"""Markdown, and the start and end of what it is about."""


def explain(view: View, position: types.Position) -> types.Hover | None:
    """Return what there is to say about a position."""
    told = _told(view, view.offset(position))
    if told is None:
        return None
    text, start, end = told
    return types.Hover(
        contents=types.MarkupContent(types.MarkupKind.Markdown, text),
        range=view.document.ruler.range(start, end),
    )


def _told(view: View, offset: int) -> Told | None:
    variable = variable_at(view.document.text, offset)
    use = use_at(uses_of(view.file), offset)
    if variable is not None and (use is None or use.names is not Names.STAGE):
        name, start, end = variable
        return _variable(view, name, offset), start, end
    if use is not None:
        text = _use(view, use)
        return (text, use.span.start, use.span.end) if text else None
    cursor = locate(view.file, view.document.text, offset)
    tell = _BY_PLACE.get(cursor.where)
    return tell(view, cursor) if tell else None


def _keyword(_view: View, cursor: Cursor) -> Told | None:
    keyword = cursor.word.upper()
    known = KEYWORDS.get(keyword)
    if known is None:
        return None
    text = f"```dockerfile\n{known.usage}\n```\n{INSTRUCTIONS.get(keyword, '')}"
    return text, cursor.start, cursor.end


def _flag(_view: View, cursor: Cursor) -> Told | None:
    name = cursor.word.removeprefix("--").partition("=")[0]
    about = FLAGS.get(name)
    return (f"`--{name}`: {about}", cursor.start, cursor.end) if about else None


def _comment(view: View, cursor: Cursor) -> Told | None:
    for skip in skips_of(view.file):
        page = resources.rule_page(skip.code)
        if page is not None and skip.span.start <= cursor.offset <= skip.span.end:
            return page.read_text(encoding="utf-8"), skip.span.start, skip.span.end
    header = _HEADER.match(cursor.word)
    if header and header[1].lower() in HEADERS:
        key = header[1].lower()
        return f"`# {key}`: {HEADERS[key]}", cursor.start, cursor.end
    directive = _DIRECTIVE.match(cursor.word)
    if directive and directive[1].lower() in DIRECTIVES:
        return DIRECTIVES[directive[1].lower()], cursor.start, cursor.end
    return None


def _argument(view: View, cursor: Cursor) -> Told | None:
    name = cursor.word.partition("=")[0]
    text = ""
    if cursor.keyword in ("ARG", "ENV") and name:
        text = _variable(view, name, cursor.offset)
    elif cursor.keyword in ("PACKAGES", "REMOVE", "AUR"):
        text = _package(view, name)
    elif cursor.keyword in ("ENABLE", "DISABLE", "MASK"):
        text = _unit(view, cursor.word)
    elif "/package_layer" in " ".join(cursor.before[:1]) or "_packages" in cursor.before[:1]:
        text = _package(view, name)
    return (text, cursor.start, cursor.end) if text else None


def _variable(view: View, name: str, offset: int) -> str:
    """Return what a variable is worth, for each node where that differs."""
    lines = [f"`{name}`: {ARGUMENTS[name]}"] if name in ARGUMENTS else [f"`{name}`"]
    declared = declared_above(view.file, offset + 1).get(name)
    if declared is not None:
        lines.append(f"Declared by {declared.keyword} in line {declared.span.line}.")
    values = values_of(view, name, offset)
    if len({value.text for value in values}) == 1:
        lines.append(_worth(values[0].text))
        return "\n\n".join(lines)
    shown = {f"- `{value.node}`: {_worth(value.text)}": None for value in values}
    lines.append("\n".join([*list(shown)[:MOST], *(["- …"] if len(shown) > MOST else [])]))
    return "\n\n".join(lines)


def _worth(text: str | None) -> str:
    return _UNKNOWN if text is None else f"`{text}`" if text else "empty"


def _use(view: View, use: Use) -> str:
    if use.names is Names.STAGE:
        found = [u for u in uses_of(view.file) if u.declares and u.stage == use.stage]
        return f"Stage `{found[0].text}`, line {found[0].span.line}" if found else ""
    if use.names is Names.OVERLAY:
        return _overlay(view, use.text)
    if use.names is Names.TEMPLATES:
        names = [name for name in use.text.split("-") if view.path_of_template(name)]
        return "\n\n".join(f"Template `{name}`" for name in names)
    return _node(view, use.text) if use.names is Names.NODE else ""


def _node(view: View, name: str) -> str:
    """Return what standing on a node brings: its chain, families, packages."""
    made = view.node(name)
    if not made:
        return ""
    node = next(iter(made.values()))
    chain, at = [name], node.parent
    while at is not None and at not in chain:
        chain.append(at)
        at = next((each.parent for each in view.node(at).values()), None)
    lines = [
        f"**{node.display_name}** (`arkes:{name}`)",
        f"Stands on {' → '.join(f'`{each}`' for each in chain[1:])}." if chain[1:] else "",
        f"For {', '.join(sorted(family.value for family in made))}.",
        f"Takes {len(node.files)} files of the context." if node.files else "",
    ]
    known = view.known.get(name)
    if known is not None:
        count = len(known.packages)
        lines.append(f"As built last: {count} packages, {len(known.units)} system units.")
    return "\n\n".join(line for line in lines if line)


def _overlay(view: View, name: str) -> str:
    overlay = view.overlays.find(name)
    if overlay is None:
        return ""
    files = sorted(overlay.files)
    listed = "\n".join(f"/{path}" for path in files[:MOST])
    more = f"\n… {len(files) - MOST} more" if len(files) > MOST else ""
    return f"Brings {len(files)} files:\n```text\n{listed}{more}\n```"


def _package(view: View, name: str) -> str:
    lines = []
    for family in Family:
        index = view.packages.get(family)
        package = index.find(name) if index else None
        if package is not None:
            lines.append(f"`{package.name}` {package.version} ({family.value}): {package.about}")
    for node, known in sorted(view.known.items()):
        if name in known.packages:
            lines.append(f"In `{node}` as built last: {known.packages[name]}")
    return "\n\n".join(lines[:MOST])


def _unit(view: View, name: str) -> str:
    every, brought = view.overlays, []
    for folder in every.names():
        overlay = every.find(folder)
        for path in overlay.files if overlay else ():
            found = UNIT.fullmatch(path)
            if found and found[2] == name:
                brought.append(f"`{name}` comes from `overlay/{folder}`.")
    nodes = [n for n, k in sorted(view.known.items()) if name in k.units | k.user_units]
    if nodes:
        brought.append(f"`{name}` is in {', '.join(f'`{node}`' for node in nodes[:MOST])}.")
    return "\n\n".join(brought)


_BY_PLACE: dict[Where, Callable[[View, Cursor], Told | None]] = {
    Where.COMMENT: _comment,
    Where.KEYWORD: _keyword,
    Where.FLAG: _flag,
    Where.ARGUMENT: _argument,
}

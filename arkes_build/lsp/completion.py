"""Offer what could be written where the cursor is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types
from lsprotocol.types import CompletionItemKind as Kind

from arkes_build.language.keywords import DECLARATIVE, HEADERS, KEYWORDS
from arkes_build.language.manual import ARGUMENTS, DIRECTIVES, INSTRUCTIONS
from arkes_build.language.manual import HEADERS as ABOUT_HEADERS
from arkes_build.lsp import suggestions
from arkes_build.lsp.cursor import Cursor, Where, locate
from arkes_build.lsp.suggestions import Suggestion, plain
from arkes_build.lsp.variables import declared_above
from arkes_build.project.headers import ARCHES, FAMILIES
from arkes_build.project.rules.catalogue import RULES
from arkes_build.project.rules.skips import RULES as OF_SKIPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from arkes_build.lsp.view import View

TRIGGERS = ("-", "=", "$", "{", ":", "/", ",", " ")
"""Characters behind which an editor asks at once."""

_VARIABLE = re.compile(r"(?<!\\)\$(\{?)([A-Za-z_]\w*)?$")
_SKIP = re.compile(r"#\s*check\s*=\s*skip\s*=\s*(?:[^\s,]+,)*([^\s,]*)$")
_HEADER = re.compile(r"#\s*(x-[\w-]+)=(?:.*[,\s])?([^,\s]*)$")
_BEGUN = re.compile(r"#\s*([a-z-]*)$")
_SIGNALS = ("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGRTMIN+3", "SIGKILL")
_PLAIN_FILES = ("Containerfile", "Dockerfile")

Found = tuple[str, "Iterable[Suggestion]"]
"""The text that was typed of what is offered, and what is offered."""


def complete(view: View, position: types.Position) -> types.CompletionList:
    """Return what could be written at a position, all or the first of it."""
    cursor = locate(view.file, view.document.text, view.offset(position))
    typed, offered = _offered(view, cursor)
    found = list(offered)
    place = view.document.ruler.range(cursor.offset - len(typed), cursor.offset)
    return types.CompletionList(
        # a list that was cut has to be asked for again with every further character
        is_incomplete=len(found) >= suggestions.MOST,
        items=[_item(each, number, place) for number, each in enumerate(found)],
    )


def _item(found: Suggestion, number: int, place: types.Range) -> types.CompletionItem:
    about = types.MarkupContent(types.MarkupKind.Markdown, found.about) if found.about else None
    return types.CompletionItem(
        label=found.text.strip(),
        kind=found.kind,
        detail=found.detail or None,
        documentation=about,
        sort_text=f"{number:05}",
        filter_text=found.text,
        text_edit=types.TextEdit(range=place, new_text=found.text),
    )


def _offered(view: View, cursor: Cursor) -> Found:
    variable = _VARIABLE.search(cursor.text[cursor.start : cursor.offset])
    if variable and cursor.where not in (Where.COMMENT, Where.KEYWORD):
        return variable[2] or "", _variables(view, cursor, is_braced=bool(variable[1]))
    match cursor.where:
        case Where.COMMENT:
            return _in_comment(view, cursor)
        case Where.KEYWORD:
            return cursor.typed, _keywords(view)
        case Where.FLAG:
            return _in_flag(view, cursor)
        case Where.ARGUMENT:
            return _in_arguments(view, cursor)
        case _:
            return "", ()


def _keywords(view: View) -> Iterator[Suggestion]:
    name = view.document.path.name if view.document.path else ""
    is_plain = name.endswith(_PLAIN_FILES)
    for keyword, known in KEYWORDS.items():
        if is_plain and keyword in DECLARATIVE:
            continue
        yield Suggestion(
            text=f"{keyword} ",
            kind=Kind.Keyword,
            detail=known.usage,
            about=INSTRUCTIONS.get(keyword, ""),
        )


def _in_flag(view: View, cursor: Cursor) -> Found:
    name, is_valued, value = cursor.typed.removeprefix("--").partition("=")
    if not is_valued:
        return cursor.typed, suggestions.flags(cursor)
    if name == "mount":
        option = value.rpartition(",")[2]
        typed = option.partition("=")[2] if "=" in option else option
    else:
        typed = value.rpartition(",")[2] if name in ("family", "arch") else value
    return typed, suggestions.flag_values(view, cursor, name, value)


def _in_arguments(view: View, cursor: Cursor) -> Found:
    offer = _BY_KEYWORD.get(cursor.keyword)
    if offer is None or (cursor.keyword in _ONE_ONLY and cursor.arguments):
        return "", ()
    return cursor.typed, offer(view, cursor)


def _paths(view: View, cursor: Cursor) -> Iterable[Suggestion]:
    return () if cursor.flag("from") is not None else suggestions.paths(view, cursor.typed)


def _programs(view: View, cursor: Cursor) -> Iterable[Suggestion]:
    typed = cursor.typed
    return suggestions.brought_paths(view, typed) if typed.startswith("/") else ()


def _in_from(view: View, cursor: Cursor) -> Iterator[Suggestion]:
    if not cursor.arguments:
        yield from suggestions.images(view, cursor)
        yield Suggestion(text="scratch", kind=Kind.Module, about="An empty tree.")
    elif len(cursor.arguments) == 1:
        yield Suggestion(text="AS ", kind=Kind.Keyword, about="Names the stage.")


def _packages(view: View, cursor: Cursor) -> list[Suggestion]:
    return suggestions.packages(view, cursor, cursor.typed)


def _removable(view: View, cursor: Cursor) -> list[Suggestion]:
    known = list(suggestions.installed(view, cursor.typed))
    return known or _packages(view, cursor)


def _arguments(view: View, cursor: Cursor) -> Iterator[Suggestion]:
    del view, cursor
    for name, about in ARGUMENTS.items():
        yield Suggestion(text=name, kind=Kind.Variable, detail="supplied", about=about)


def _variables(view: View, cursor: Cursor, *, is_braced: bool) -> Iterator[Suggestion]:
    is_closed = cursor.text[cursor.offset : cursor.offset + 1] == "}"
    ending = "}" if is_braced and not is_closed else ""
    for name, declared in declared_above(view.file, cursor.offset).items():
        yield Suggestion(
            text=f"{name}{ending}",
            kind=Kind.Variable,
            detail=f"{declared.keyword} of line {declared.span.line}",
            about=ARGUMENTS.get(name, ""),
        )


def _in_comment(view: View, cursor: Cursor) -> Found:
    typed = cursor.typed
    skip = _SKIP.match(typed)
    if skip:
        return skip[1], _rules()
    header = _HEADER.match(typed)
    if header:
        values, is_chain = _header_values(view, header[1].lower())
        return header[2].rpartition("-")[2] if is_chain else header[2], values
    begun = _BEGUN.match(typed)
    if begun is None:
        return "", ()
    instructions = view.file.instructions
    is_above = not instructions or cursor.start < instructions[0].span.start
    return begun[1], _remarks(is_above=is_above, is_top=cursor.start == 0)


def _remarks(*, is_above: bool, is_top: bool) -> Iterator[Suggestion]:
    if is_above:
        for key, is_valued in HEADERS.items():
            text = f"{key}=" if is_valued else key
            yield Suggestion(text=text, kind=Kind.Property, about=ABOUT_HEADERS.get(key, ""))
    yield Suggestion(text="check=skip=", kind=Kind.Property, about=DIRECTIVES["check"])
    for name in ("escape", "syntax") if is_top else ():
        yield Suggestion(text=f"{name}=", kind=Kind.Property, about=DIRECTIVES[name])


def _header_values(view: View, key: str) -> tuple[Iterable[Suggestion], bool]:
    """Return the values of a header, and whether ``-`` joins several of them."""
    if key == "x-templates":
        return suggestions.templates(view), True
    if key == "x-depends":
        return plain(view.nodes(), Kind.Module), False
    known = {"x-families": FAMILIES, "x-arch": ARCHES}.get(key, ())
    return plain(known, Kind.EnumMember), False


def _rules() -> Iterator[Suggestion]:
    for code, rule in RULES.items():
        if rule.is_skippable and rule not in OF_SKIPS:
            yield Suggestion(text=code, kind=Kind.Constant, detail=rule.title)


_BY_KEYWORD: dict[str, Callable[[View, Cursor], Iterable[Suggestion]]] = {
    "ADD": _paths,
    "ARG": _arguments,
    "COPY": _paths,
    "DISABLE": suggestions.units,
    "ENABLE": suggestions.units,
    "FROM": _in_from,
    "HEALTHCHECK": lambda *_: plain(("CMD ", "NONE"), Kind.Keyword),
    "MASK": suggestions.units,
    "ONBUILD": lambda view, _: _keywords(view),
    "OVERLAY": lambda view, _: suggestions.overlays(view),
    "PACKAGES": _packages,
    "REMOVE": _removable,
    "RUN": _programs,
    "STOPSIGNAL": lambda *_: plain(_SIGNALS, Kind.EnumMember),
    "TEMPLATE": lambda view, _: suggestions.templates(view),
    "TIMEZONE": lambda *_: suggestions.time_zones(),
}
"""Instruction → what its arguments can be."""

_ONE_ONLY = frozenset({"HEALTHCHECK", "OVERLAY", "STOPSIGNAL", "TIMEZONE"})
"""Instructions of which only the first argument is offered."""

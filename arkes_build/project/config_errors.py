"""Say in our words, and at its place in the text, what is wrong with ``arkes.toml``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from arkes_build.core.diagnostics import Diagnostic, did_you_mean, nearest
from arkes_build.language.mending import renamed, replaced
from arkes_build.project.places import key_places, nearest_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from arkes_build.core.diagnostics import Fix
    from arkes_build.core.source import Source, Span
    from arkes_build.project.places import KeyPath, Place

_TOML = "see https://toml.io for how tables, text and lists are written"
_ILLEGAL_END = "a text is not closed on its line"
_SYNTAX = {
    "Invalid value": 'text stands in quotes: name = "text"; true, false and numbers do not',
    _ILLEGAL_END: 'close it with another "',
    "Expected '='": "write key = value, one on each line",
    "Expected newline": "begin the next key on a line of its own",
    "Expected ']": "close the table's name as it was opened",
    "Unclosed array": "close the list with ], and part its items with commas",
    "Unclosed inline table": "close it with }, and part its keys with commas",
    "Unterminated string": "close the text with the quotes that it was opened with",
    "Unescaped": "write \\\\ for one \\, or put the text into single quotes",
    "Cannot declare": "join the two into one",
    "Cannot overwrite": "write each key once",
}
"""How tomllib's complaints begin → what to do."""

_QUOTED = re.compile(r"'([^']+)'")

_WANTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "tuple_type": "a list in [ ]",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
"""Pydantic's error types → what the value must be."""

_EXAMPLES = {
    "string_type": 'put it in quotes: "text"',
    "int_type": "write it without quotes, point or spaces: 1735689600",
    "tuple_type": 'put it in brackets: ["text"]',
    "model_type": "begin it with a line [name], and one key = value on each line below",
    "model_attributes_type": "begin it with a line [name], and one key = value on each line below",
}
"""Pydantic's error types → how such a value is written."""

_KINDS = {bool: "true or false", str: "text", int: "a number", float: "a decimal number"}


def findings(
    source: Source, errors: Sequence[ErrorDetails], model: type[BaseModel]
) -> tuple[Diagnostic, ...]:
    """Return one diagnostic for each of pydantic's errors, at its key."""
    places = key_places(source.text)
    return tuple(
        _unknown_key(error, source, places, model)
        if error["type"] == "extra_forbidden"
        else _wrong_value(error, source.span(*nearest_place(places, error["loc"])))
        for error in errors
    )


def syntax_finding(source: Source, error: Exception) -> Diagnostic:
    """Return the diagnostic for a text that is no TOML."""
    message, where = str(error), len(source.text)
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if found:
        message = message[: found.start()]
    if found and found[1]:
        where = source.line_starts[int(found[1]) - 1] + int(found[2]) - 1
    # tomllib shows a table as Python's ('a', 'b')
    message = re.sub(r"\(('[^()]*)\)", lambda m: f"[{'.'.join(_QUOTED.findall(m[1]))}]", message)
    if isinstance(error, RecursionError):
        message, where = "Lists or tables are nested too deeply", 0
    shown = _ILLEGAL_END if message == "Illegal character '\\n'" else message
    return Diagnostic(
        code="config-syntax",
        message=f"this is not TOML: {shown[:1].lower()}{shown[1:]}",
        span=source.span(where, min(where + 1, len(source.text))),
        remedy=next(
            (remedy for start, remedy in _SYNTAX.items() if shown.startswith(start)), _TOML
        ),
    )


def _unknown_key(
    error: ErrorDetails, source: Source, places: dict[KeyPath, Place], model: type[BaseModel]
) -> Diagnostic:
    path = error["loc"]
    key, span = str(path[-1]), source.span(*nearest_place(places, path))
    known = _known_keys(model, path[:-1])
    near = nearest(key, known)
    is_free = (*path[:-1], near) not in places
    return Diagnostic(
        code="config-unknown-key",
        message=f"there is no key {_shown(path)}",
        span=span,
        remedy=f"did you mean '{near}'?" if near else f"known here: {', '.join(known)}",
        fix=renamed(span, key, near) if is_free and span.text == key else None,
    )


def _wrong_value(error: ErrorDetails, span: Span) -> Diagnostic:
    return Diagnostic(
        code="config-value",
        message=f"{_shown(error['loc'])} {_complaint(error)}",
        span=span,
        remedy=_remedy(error),
        fix=_right_word(error, span),
    )


def _right_word(error: ErrorDetails, span: Span) -> Fix | None:
    """Return the fix for a misspelt word behind the key that ``span`` covers."""
    if error["type"] != "literal_error":
        return None
    word = str(error["input"])
    near = nearest(word, _QUOTED.findall(error.get("ctx", {})["expected"]))
    found = re.compile(rf"\s*=\s*[\"']({re.escape(word)})[\"']").match(span.source.text, span.end)
    if near is None or found is None:
        return None
    return replaced(span.source.span(*found.span(1)), near)


def _shown(path: KeyPath) -> str:
    """Return ``bootstrap.debian.files[1]`` for a path, hostile keys quoted."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]+", part)
            text += ("." if text else "") + (part if plain else repr(part))
    return text


def _complaint(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        text = str(context["error"])
        return text if text.startswith("must") else f"is incomplete: {text}"
    if kind == "literal_error":
        return f"cannot be {error['input']!r}"
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, not {_kind_of(error['input'])}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}, not {error['input']}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}, not {error['input']}"
    message = error["msg"]
    return f"is wrong: {message[:1].lower()}{message[1:]}"


def _kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return _KINDS.get(type(value), "a date")


def _remedy(error: ErrorDetails) -> str:
    if error["type"] != "literal_error":
        return _EXAMPLES.get(
            error["type"], "correct it; `arkes-build explain config-value` leads to all keys"
        )
    known = _QUOTED.findall(error.get("ctx", {})["expected"])
    return did_you_mean(str(error["input"]), known) or f"one of: {', '.join(known)}"


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys of the table at a path, in the order of its definition."""
    for part in path:
        field = next(f for f in model.model_fields.values() if f.alias == part)
        inner = (field.annotation, *get_args(field.annotation))
        model = next(t for t in inner if isinstance(t, type) and issubclass(t, BaseModel))
    return [field.alias or name for name, field in model.model_fields.items()]

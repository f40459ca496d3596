"""Show a parsed file: as a JSON shape, and as a tree of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.language.reference import descriptor
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA, check_shape
from arkes_build.ui.text import counted, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Heredoc, Systemfile
    from arkes_build.language.reference import Reading, Split
    from arkes_build.ui.screen import Screen

Object = dict[str, Any]
_NAME = "flag", "argument", "document"
_COLUMN = max(map(len, _NAME)) + 2


def parse_shape(
    file: Systemfile, readings: Sequence[Reading], found: Sequence[Diagnostic], exit_code: int
) -> Object:
    """Return a parsed file; the arguments are split as BuildKit's parser splits them."""
    return {
        "schema": SCHEMA,
        "type": "parse",
        "exit_code": exit_code,
        "file": file.source.name,
        "directives": [
            {"name": each.name, "value": each.value, "span": _span(each.span)}
            for each in file.directives
        ],
        "headers": [
            {"key": each.key, "value": each.value, "span": _span(each.span)}
            for each in file.headers
        ],
        "comments": [{"text": each.text, "span": _span(each.span)} for each in file.comments],
        "instructions": [_instruction(reading) for reading in readings],
        "diagnostics": check_shape(found, exit_code)["diagnostics"],
    }


def _instruction(reading: Reading) -> Object:
    documents = [_document(document) for document in reading.heredocs]
    inner = reading.split.inner
    return _split(reading.split) | {
        "heredocs": [] if inner else documents,
        "original": reading.original,
        "span": _span(reading.span),
        "inner": _inner(inner, documents) if inner else None,
    }


def _inner(inner: Split, documents: list[Object]) -> Object:
    deeper = inner.inner
    return _split(inner) | {
        "heredocs": [] if deeper else documents,
        "inner": _inner(deeper, documents) if deeper else None,
    }


def _split(split: Split) -> Object:
    return {
        "name": split.name,
        "flags": list(split.flags),
        "arguments": list(split.arguments),
        "json": split.is_json,
    }


def _document(document: Heredoc) -> Object:
    return {
        "delimiter": document.delimiter,
        "expand": document.expands,
        "strip_tabs": document.strips_tabs,
        "file_descriptor": descriptor(document),
        "content": document.body_span.text,
    }


def _span(span: Span) -> Object:
    end_line, end_column = span.source.position(span.end)
    return {
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }


def parse_lines(file: Systemfile, readings: Sequence[Reading], screen: Screen) -> list[str]:
    """Return a parsed file as a tree for people: the place in front, parts indented."""
    items: list[tuple[Span, list[str]]] = [
        *((each.span, [f"directive {each.name}={each.value}"]) for each in file.directives),
        *((each.span, [_header(each.key, each.value)]) for each in file.headers),
        *((each.span, [f"comment {each.text}"]) for each in file.comments),
        *((each.span, _tree(each.split, each.heredocs)) for each in readings),
    ]
    places = sorted([(span.start, _place(span), lines) for span, lines in items])
    width = max((len(place) for _, place, _ in places), default=0)
    answer = []
    for _, place, (head, *parts) in places:
        answer.append(f"{screen.paint(place.ljust(width), Style.CALM)}  {safe(head)}".rstrip())
        answer += [f"{'':{width}}  {safe(part)}".rstrip() for part in parts]
    return answer


def _place(span: Span) -> str:
    end_line, end_column = span.source.position(span.end)
    return f"{span.line}:{span.column}-{end_line}:{end_column}"


def _header(key: str, value: str | None) -> str:
    return f"header {key}" if value is None else f"header {key}={value}"


def _tree(split: Split, documents: Sequence[Heredoc], indent: str = "") -> list[str]:
    form = " (a JSON list)" if split.is_json and split.inner is None else ""
    parts = [_part("flag", flag) for flag in split.flags]
    if split.inner is not None:
        return [
            f"{indent}{split.name}",
            *(f"{indent}  {part}" for part in parts),
            *_tree(split.inner, documents, f"{indent}  "),
        ]
    parts += [_part("argument", argument) for argument in split.arguments]
    parts += [_part("document", _about(document)) for document in documents]
    return [f"{indent}{split.name}{form}", *(f"{indent}  {part}" for part in parts)]


def _part(name: str, text: str) -> str:
    return f"{name:{_COLUMN}}{text}"


def _about(document: Heredoc) -> str:
    lines = counted(document.body_span.text.count("\n"), "line")
    kind = "variables are replaced" if document.expands else "as it stands"
    tabs = ", leading tabs cut" if document.strips_tabs else ""
    return f"{document.delimiter}: {lines}, {kind}{tabs}"

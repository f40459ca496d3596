"""Write findings as SARIF 2.1.0, the format that code hosts and editors read.

The names are those of the standard (OASIS, "Static Analysis Results Interchange Format"):
lines and columns from 1, ``endColumn`` behind the last character. Our columns count
Unicode code points, and the run says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from arkes_build import __version__
from arkes_build.core.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic, Fix
    from arkes_build.core.source import Span
    from arkes_build.project.rules.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
VERSION = "2.1.0"
BASE = "PROJECT"
"""The ``uriBaseId`` of names that are relative to the project."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(
    found: Sequence[Diagnostic],
    rules: Mapping[str, Rule],
    page: Callable[[str], Path | None],
) -> dict[str, Any]:
    """Return the log of one run; ``page`` finds the page of a rule."""
    codes = sorted({finding.code for finding in found})
    index = {code: number for number, code in enumerate(codes)}
    driver: dict[str, Any] = {
        "name": "arkes-build",
        "version": __version__,
        "rules": [_rule(code, rules, page) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.code]) for finding in found],
    }
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _rule(
    code: str, rules: Mapping[str, Rule], page: Callable[[str], Path | None]
) -> dict[str, Any]:
    rule, path = rules.get(code), page(code)
    shape: dict[str, Any] = {"id": code}
    if rule is not None:
        shape["shortDescription"] = {"text": rule.title}
        shape["defaultConfiguration"] = {"level": _LEVELS[rule.severity]}
    if path is not None:
        text = path.read_text(encoding="utf-8")
        shape["help"] = {"text": text, "markdown": text}
    return shape


def _result(finding: Diagnostic, index: int) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.remedy}" if finding.remedy else finding.message
    shape: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
    }
    if finding.span is not None:
        shape["locations"] = [_location(finding.span)]
    if finding.related:
        shape["relatedLocations"] = [
            {"id": number, **_location(label.span), "message": {"text": label.text}}
            for number, label in enumerate(finding.related)
        ]
    if finding.fix is not None and finding.fix.edits:
        shape["fixes"] = [_fix(finding.fix)]
    return shape


def _location(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span), "region": _region(span)}}


def _artifact(span: Span) -> dict[str, Any]:
    name = span.source.name
    # a colon in the first part of a relative URI would look like a scheme
    uri = quote(name.encode("utf-8", "surrogatepass"), safe="/")
    return {"uri": f"file://{uri}"} if name.startswith("/") else {"uri": uri, "uriBaseId": BASE}


def _region(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(fix.edits[0].span), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}

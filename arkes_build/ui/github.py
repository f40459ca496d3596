"""Write findings as the workflow commands that GitHub turns into remarks beside the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Severity

if TYPE_CHECKING:
    from arkes_build.core.diagnostics import Diagnostic

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def command(finding: Diagnostic) -> str:
    """Return one line: ``::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::text``.

    A text cannot end the line or begin another command: what has a meaning is escaped
    as the runner's own toolkit does it, and other control characters become spaces.
    """
    properties: dict[str, str] = {}
    if finding.span is not None:
        line, column = finding.span.source.position(finding.span.start)
        end_line, end_column = finding.span.source.position(finding.span.end)
        properties = {"file": finding.span.source.name, "line": str(line), "col": str(column)}
        # GitHub shows columns only where both are on one line
        properties |= {"endLine": str(end_line), "endColumn": str(end_column)}
    properties["title"] = finding.code
    listed = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    text = f"{finding.message}\n{finding.remedy}" if finding.remedy else finding.message
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(char if char.isprintable() else " " for char in escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

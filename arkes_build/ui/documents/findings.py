"""Type what is said about files: findings, rules, errors."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.words import (
    Schema,
    SeverityName,
    Where,
    described,
)


class Related(TypedDict):
    """A second place that belongs to a finding."""

    text: str
    where: Where | None


class Edit(TypedDict):
    """Replace what ``where`` covers by ``text``."""

    where: Where | None
    text: str


class Fix(TypedDict):
    """What mends a finding without changing anything else."""

    title: str
    edits: list[Edit]


class Diagnostic(TypedDict):
    """One finding about a file. ``arkes-build explain CODE`` prints the rule's page."""

    code: str
    severity: SeverityName
    message: str
    where: Where | None
    remedy: str
    related: list[Related]
    fix: Fix | None


class CheckDocument(TypedDict):
    """What ``check --format=json`` prints."""

    schema: Schema
    type: Literal["check"]
    exit_code: int
    diagnostics: list[Diagnostic]


@described
class FormattedFile(TypedDict):
    """A file whose layout is not canonical."""

    file: str
    diff: str
    """A unified diff, with ``--diff``; else empty."""


@described
class FmtDocument(TypedDict):
    """What ``fmt --json`` prints."""

    schema: Schema
    type: Literal["fmt"]
    exit_code: int
    changed: list[FormattedFile]
    """The files that were written, or would be with ``--check`` or ``--diff``."""
    diagnostics: list[Diagnostic]
    """What is wrong in files that were left alone."""


@described
class Rule(TypedDict):
    """What every finding of one code has in common."""

    code: str
    severity: SeverityName
    title: str
    page: str
    """Its page in Markdown; empty where all rules are listed."""


class RulesDocument(TypedDict):
    """What ``explain --json`` prints."""

    schema: Schema
    type: Literal["rules"]
    rules: list[Rule]


@described
class ErrorFields(TypedDict):
    """An error: what happened, what is known, what to do next."""

    exit_code: int
    kind: str
    """The exit code's name, such as ``build-step``."""
    brief: str
    details: str
    resolution: str
    where: Where | None
    diagnostics: list[Diagnostic]


class ErrorDocument(ErrorFields):
    """What stands in the place of any other document when a command ended with an error."""

    schema: Schema
    type: Literal["error"]

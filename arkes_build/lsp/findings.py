"""Say our findings in the protocol's words, each for the file that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from arkes_build.core import resources
from arkes_build.core.diagnostics import Severity
from arkes_build.lsp.documents import uri_of
from arkes_build.lsp.positions import Ruler
from arkes_build.project.errors import PROJECT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.core.source import Source, Span
    from arkes_build.lsp.documents import Document

SOURCE = "arkes"
"""What editors show in front of a finding: who says so."""

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}

_TAGS = {
    "stage-unused": types.DiagnosticTag.Unnecessary,
    "maintainer-deprecated": types.DiagnosticTag.Deprecated,
}
"""Codes that editors may show faded or struck through."""

_NOWHERE = types.Range(start=types.Position(0, 0), end=types.Position(0, 0))


class Translator:
    """Translate findings of one project, or of one file that is in none.

    The open ``documents`` have URIs and an encoding of the client's own.
    """

    def __init__(self, root: Path, documents: Iterable[Document], *, encoding: str) -> None:
        self._root = root
        self._documents = {document.name: document for document in documents}
        self._encoding = encoding
        self._rulers: dict[int, Ruler] = {}

    def by_uri(self, findings: Iterable[Diagnostic]) -> dict[str, list[types.Diagnostic]]:
        """Return the findings of each file; ``arkes.toml`` has those without a place."""
        found: dict[str, list[types.Diagnostic]] = {}
        for finding in findings:
            uri = self.uri(finding.span.source.name if finding.span else PROJECT_FILE)
            found.setdefault(uri, []).append(self.translated(finding))
        return found

    def translated(self, finding: Diagnostic) -> types.Diagnostic:
        """Return one finding as editors know it: the remedy is a second line of its message."""
        page = resources.rule_page(finding.code)
        tag = _TAGS.get(finding.code)
        return types.Diagnostic(
            range=self._range(finding.span) if finding.span else _NOWHERE,
            message="\n".join(filter(None, (finding.message, finding.remedy))),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            code_description=types.CodeDescription(href=uri_of(page)) if page else None,
            source=SOURCE,
            tags=[tag] if tag else None,
            related_information=[
                types.DiagnosticRelatedInformation(
                    location=self.location(label.span), message=label.text
                )
                for label in finding.related
            ]
            or None,
        )

    def uri(self, name: str) -> str:
        """Return the URI of a source: its name is a path below the project, or an absolute one."""
        document = self._document(name)
        return document.uri if document else uri_of(self._root / name)

    def document(self, path: Path) -> Document | None:
        """Return the open document of a path."""
        return next((d for d in self._documents.values() if d.path == path), None)

    def location(self, span: Span) -> types.Location:
        """Return the place of a span, file included."""
        return types.Location(uri=self.uri(span.source.name), range=self._range(span))

    def _document(self, name: str) -> Document | None:
        return self._documents.get(name) or self._documents.get(str(self._root / name))

    def ruler(self, source: Source) -> Ruler:
        """Return what measures a source: that of the open document with the same text."""
        key = id(source)
        if key not in self._rulers:
            document = self._document(source.name)
            is_same = document is not None and document.text == source.text
            self._rulers[key] = (
                document.ruler
                if document is not None and is_same
                else Ruler(source.text, self._encoding)
            )
        return self._rulers[key]

    def _range(self, span: Span) -> types.Range:
        return self.ruler(span.source).of_span(span)

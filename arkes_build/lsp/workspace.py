"""Know what is open, and which project each open text belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.lsp.documents import Document
from arkes_build.lsp.positions import UTF16
from arkes_build.project.errors import ProjectNotFound
from arkes_build.project.loader import find_project

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lsprotocol import types

    from arkes_build.lsp.projects import ProjectState


@dataclass(slots=True)
class Workspace:
    """The open texts and their projects; only the event loop changes it."""

    make_project: Callable[[Path], ProjectState]
    encoding: str = UTF16
    documents: dict[str, Document] = field(default_factory=dict)
    """By URI, as the client writes it."""
    projects: dict[Path, ProjectState] = field(default_factory=dict)

    def open(self, uri: str, text: str, version: int) -> Document:
        """Take a text that was opened, or opened again."""
        document = Document(uri, text, version, encoding=self.encoding)
        document.root = self._root_of(document)
        return self._keep(document)

    def change(
        self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent], version: int
    ) -> Document:
        """Apply an editor's changes to an open text; to an empty one when it was not open."""
        known = self.documents.get(uri) or self.open(uri, "", version)
        return self._keep(known.changed(changes, version))

    def close(self, uri: str) -> ProjectState | None:
        """Forget a text; return the project that the file on disk belongs to."""
        document = self.documents.pop(uri, None)
        project = self.project_of(document) if document else None
        if project is not None and document is not None and document.path is not None:
            project.documents.pop(document.path, None)
        return project

    def project_of(self, document: Document) -> ProjectState | None:
        """Return the nearest project upwards from a file, None for a text outside of all."""
        root = document.root
        if root is None:
            return None
        if root not in self.projects:
            self.projects[root] = self.make_project(root)
        return self.projects[root]

    @staticmethod
    def _root_of(document: Document) -> Path | None:
        if document.path is None:
            return None
        try:
            return find_project(document.path.parent)
        except (ProjectNotFound, OSError):
            return None

    def _keep(self, document: Document) -> Document:
        self.documents[document.uri] = document
        project = self.project_of(document)
        if project is not None and document.path is not None:
            project.documents[document.path] = document
        return document

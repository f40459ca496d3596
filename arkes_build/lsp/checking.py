"""Tell the editor what is wrong: with one text at once, with its project a moment later."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from arkes_build.core.diagnostics import SourceError, in_order
from arkes_build.core.source import Source
from arkes_build.language.decode import decode
from arkes_build.lsp.carrying import carried
from arkes_build.lsp.findings import Translator
from arkes_build.lsp.projects import machine
from arkes_build.project.errors import PROJECT_FILE, ConfigError
from arkes_build.project.inspection import inspect_file
from arkes_build.project.memory import read_config
from arkes_build.project.model import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from arkes_build.core.diagnostics import Diagnostic
    from arkes_build.lsp.documents import Document
    from arkes_build.lsp.projects import ProjectState
    from arkes_build.lsp.workspace import Workspace

    Publish = Callable[[types.PublishDiagnosticsParams], None]

log = logging.getLogger(__name__)


class Checker:
    """Look at texts as they change, each at most once at a time, and always at the newest."""

    def __init__(self, workspace: Workspace, publish: Publish, executor: Executor) -> None:
        self._workspace = workspace
        self._publish = publish
        self._executor = executor
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._shown: dict[Path, set[str]] = {}
        """Project → URIs that have findings of it."""
        self._looked_at: dict[str, tuple[Document, tuple[Diagnostic, ...]]] = {}
        self._wider: dict[str, tuple[Diagnostic, ...]] = {}
        """URI → what the last look at the project said that no look at the text alone can say."""
        self.current: dict[str, tuple[Diagnostic, ...]] = {}
        """URI → what was last said about an open text, at its places in the newest version."""

    def changed(self, document: Document) -> None:
        """Look at a text that is new."""
        task = self._tasks.get(document.uri)
        if task is None or task.done():
            look = self._look(document.uri)
            self._tasks[document.uri] = asyncio.get_running_loop().create_task(look)
        project = self._workspace.project_of(document)
        if project is not None:
            project.changed(self.show_project)

    def closed(self, uri: str, project: ProjectState | None) -> None:
        """Show what is wrong with the file on disk, now that nobody holds another text of it."""
        self.current.pop(uri, None)
        self._looked_at.pop(uri, None)
        self._wider.pop(uri, None)
        if project is None:
            self._publish(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))
        else:
            project.changed(self.show_project)

    async def _look(self, uri: str) -> None:
        """Show the findings of one text; do so again as long as it changed meanwhile."""
        loop, seen = asyncio.get_running_loop(), None
        while (document := self._workspace.documents.get(uri)) not in (seen, None):
            assert document is not None, "it was just compared"  # noqa: S101 - for mypy
            seen = document
            try:
                found = await loop.run_in_executor(self._executor, self._alone, document)
            except Exception:
                log.exception("cannot look at %s", uri)
                continue
            if self._workspace.documents.get(uri) is document:
                self._show_document(document, found)

    def _alone(self, document: Document) -> tuple[Diagnostic, ...]:
        """Return what is wrong with a text by itself, looked for once."""
        known = self._looked_at.get(document.uri)
        if known is not None and known[0] is document:
            return known[1]
        found = alone(document, self._workspace.projects.get(document.root or Path()))
        self._looked_at[document.uri] = (document, found)
        return found

    def _show_document(self, document: Document, found: tuple[Diagnostic, ...]) -> None:
        project = self._workspace.project_of(document)
        wider = carried(self._wider.get(document.uri, ()), document.name, document.text)
        root = project.root if project else Path("/")
        self._say(document, in_order([*found, *wider]), root)

    def _say(self, document: Document, found: tuple[Diagnostic, ...], root: Path) -> None:
        self.current[document.uri] = found
        translator = self._translator(root)
        self._publish(
            types.PublishDiagnosticsParams(
                uri=document.uri,
                version=document.version,
                diagnostics=[translator.translated(finding) for finding in found],
            )
        )

    def show_project(self, project: ProjectState) -> None:
        """Show the findings of a project, file by file, and clear those that are gone."""
        translator = self._translator(project.root)
        by_uri = translator.by_uri(project.findings)
        documents = {document.uri: document for document in project.documents.values()}
        shown = self._shown.get(project.root, set())
        for uri in sorted({*by_uri, *shown, *documents}):
            document = documents.get(uri)
            if document is None:
                found = by_uri.get(uri, [])
                self._publish(types.PublishDiagnosticsParams(uri=uri, diagnostics=found))
            elif document.path and project.seen.get(document.path) == document.ruler.text:
                self._show_open(project, document)
        self._shown[project.root] = set(by_uri)

    def _show_open(self, project: ProjectState, document: Document) -> None:
        quick = self._alone(document)
        known = {_key(finding) for finding in quick}
        own = [each for each in project.findings if _is_of(each, document, project)]
        self._wider[document.uri] = tuple(each for each in own if _key(each) not in known)
        if document.is_config:
            # the project was read with the file on disk
            own += quick
        self._say(document, in_order(own), project.root)

    def _translator(self, root: Path) -> Translator:
        documents = self._workspace.documents.values()
        return Translator(root, documents, encoding=self._workspace.encoding)


def alone(document: Document, project: ProjectState | None) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a text by itself; ``project`` is the one that it belongs to."""
    if document.is_config:
        try:
            read_config(Source(document.name, document.text))
        except ConfigError as error:
            return error.diagnostics
        return ()
    try:
        source = decode(document.name, document.text.encode("utf-8", "surrogatepass"))
    except SourceError as error:
        return error.diagnostics
    seen = project.survey if project else None
    around = seen.project if seen else _lonely_project(document)
    try:
        return inspect_file(source, around, arch=machine())
    except Exception:
        # a rule that fails must not hide what the parser says
        log.exception("cannot look at %s", document.name)
        return document.reading[1]


def _lonely_project(document: Document) -> Project:
    """Return an empty project, for a file that is in none or whose project is still unread."""
    folder = document.root or (document.path.parent if document.path else Path("/"))
    config = read_config(Source(PROJECT_FILE, ""))
    return Project(
        root=folder,
        config=config,
        variants={},
        templates={},
        is_implicit=document.root is None,
    )


def _key(finding: Diagnostic) -> tuple[str, int, str]:
    return (finding.code, finding.span.start if finding.span else 0, finding.message)


def _is_of(finding: Diagnostic, document: Document, project: ProjectState) -> bool:
    if finding.span is None:
        return document.is_config
    return project.root / finding.span.source.name == document.path

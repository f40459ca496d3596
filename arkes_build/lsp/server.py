"""Serve an editor: take its messages, hand each to the part that answers, send what comes out."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from arkes_build import __version__
from arkes_build.core.names import Family
from arkes_build.lsp.actions import actions
from arkes_build.lsp.checking import Checker
from arkes_build.lsp.completion import TRIGGERS, complete
from arkes_build.lsp.definition import define, refer
from arkes_build.lsp.findings import Translator
from arkes_build.lsp.formatting import layout
from arkes_build.lsp.hover import explain
from arkes_build.lsp.packages import Packages, load
from arkes_build.lsp.projects import ProjectState
from arkes_build.lsp.protocol import Protocol
from arkes_build.lsp.rename import prepare, rename
from arkes_build.lsp.symbols import folds, outline
from arkes_build.lsp.view import View
from arkes_build.lsp.workspace import Workspace
from arkes_build.project.contexts import STORE
from arkes_build.project.loader import load_config
from arkes_build.store.index import open_index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from arkes_build.lsp.documents import Document
    from arkes_build.project.known import Known

NAME = "arkes"
FIRST_LOOK = 2.0
"""How long an answer waits for the first look at its project, in seconds."""

WATCHED = (
    "**/arkes.toml",
    "**/variants/*",
    "**/templates/*",
    "**/overlay/**",
    "**/.containerignore",
    "**/.dockerignore",
)
"""Files that a look at a project reads besides those that are open."""

THREADS = 2
"""How many questions are worked on at a time, besides the look at a project."""

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """Hold what lives as long as the connection.

    Messages are taken one by one on the event loop. Whatever takes time runs in threads on
    values that never change, so that a keypress is never kept waiting by an answer.
    """

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(NAME, __version__, protocol_cls=Protocol)
        self.quick = ThreadPoolExecutor(THREADS, thread_name_prefix="quick")
        self.slow = ThreadPoolExecutor(1, thread_name_prefix="slow")
        self.open_files = Workspace(self.make_project)
        self.checker = Checker(self.open_files, self.text_document_publish_diagnostics, self.quick)
        self.packages: dict[Family, Packages] = {}

    def make_project(self, root: Path) -> ProjectState:
        """Return the state of a project that nobody has looked at yet."""
        return ProjectState(root, self.slow, known_of)

    async def answer(
        self, uri: str, function: Callable[..., Answer], *values: object
    ) -> Answer | None:
        """Run a function on a view of an open text, in a thread; None for a text unknown."""
        document = self.open_files.documents.get(uri)
        if document is None:
            return None
        project = self.open_files.project_of(document)
        if project is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(project.looked_at.wait(), FIRST_LOOK)
        return await asyncio.get_running_loop().run_in_executor(
            self.quick, function, self.view(document, project), *values
        )

    def view(self, document: Document, project: ProjectState | None) -> View:
        """Return what is known now, for an answer to be made of."""
        open_files = self.open_files
        translator = Translator(
            document.root or Path("/"),
            open_files.documents.values(),
            encoding=open_files.encoding,
        )
        return View(
            document=document,
            translator=translator,
            project=project.survey.project if project and project.survey else None,
            expansions=project.expansions if project else {},
            known=project.known if project else {},
            packages=dict(self.packages),
        )

    def load_packages(self) -> None:
        """Read this machine's lists of packages; takes seconds when they are new."""
        for family in Family:
            try:
                found = load(family)
            except Exception:
                log.exception("cannot read the lists of packages of %s", family.value)
                continue
            if found is not None:
                self.packages[family] = found

    def end(self) -> None:
        """Let threads end that still work."""
        for project in self.open_files.projects.values():
            project.stop()
        for pool in (self.quick, self.slow):
            pool.shutdown(wait=False, cancel_futures=True)


def make_server() -> Server:
    """Return a server that knows all features."""
    server = Server()
    _take_texts(server)
    _answer_where_one_writes(server)
    _answer_about_names(server)
    _answer_about_files(server)
    return server


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serve until the client says ``exit`` or is gone; return the exit code it asks for."""
    server = make_server()
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_no_refusal)
    try:
        server.start_io(stdin, stdout)
    finally:
        server.end()
    return 0 if server.protocol.has_been_told_to_stop else 1


def known_of(root: Path) -> Mapping[str, Known]:
    """Return what the project's store knows of nodes that were built; nothing without a store."""
    store = root / (load_config(root).build.store or STORE)
    return open_index(store) or {}


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Keep out of the log what the client is told: a name that no stage can have is no crash."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is not JsonRpcInvalidParams


def _take_texts(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        del params
        server.open_files.encoding = server.workspace.position_encoding or "utf-16"

    @server.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        del params
        Thread(target=server.load_packages, daemon=True).start()
        _watch_files(server)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        server.checker.changed(server.open_files.open(opened.uri, opened.text, opened.version))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        changed = params.text_document
        document = server.open_files.change(changed.uri, params.content_changes, changed.version)
        server.checker.changed(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.checker.closed(uri, server.open_files.close(uri))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        del params
        _look_again(server)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        del params
        _look_again(server)


def _look_again(server: Server) -> None:
    for project in server.open_files.projects.values():
        project.changed(server.checker.show_project)


def _watch_files(server: Server) -> None:
    """Ask the client to tell of files that change on disk, if it can."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching is None or not watching.dynamic_registration:
        return
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
    server.client_register_capability(
        types.RegistrationParams(
            registrations=[
                types.Registration(
                    id="files",
                    method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                    register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
                )
            ]
        )
    )


def _answer_where_one_writes(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[*TRIGGERS])
    )
    async def completion(params: types.CompletionParams) -> types.CompletionList | None:
        return await server.answer(params.text_document.uri, complete, params.position)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await server.answer(params.text_document.uri, explain, params.position)

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def formatting(
        params: types.DocumentFormattingParams,
    ) -> list[types.TextEdit] | None:
        return await server.answer(params.text_document.uri, layout)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        uri = params.text_document.uri
        return await server.answer(uri, actions, server.checker.current.get(uri, ()), params)


def _answer_about_names(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        return await server.answer(params.text_document.uri, define, params.position)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location] | None:
        find = partial(refer, declared=params.context.include_declaration)
        return await server.answer(params.text_document.uri, find, params.position)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare_rename(
        params: types.PrepareRenameParams,
    ) -> types.PrepareRenamePlaceholder | None:
        return await server.answer(params.text_document.uri, prepare, params.position)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    async def rename_stage(params: types.RenameParams) -> types.WorkspaceEdit | None:
        uri = params.text_document.uri
        return await server.answer(uri, rename, params.position, params.new_name)


def _answer_about_files(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        return await server.answer(params.text_document.uri, outline)

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        return await server.answer(params.text_document.uri, folds)

"""Serve an editor: take its messages, hand each to the part that answers, send what comes out."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from arkes_build import __version__
from arkes_build.lsp.checking import Checker
from arkes_build.lsp.projects import ProjectState
from arkes_build.lsp.protocol import Protocol
from arkes_build.lsp.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "arkes"
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

    def make_project(self, root: Path) -> ProjectState:
        """Return the state of a project that nobody has looked at yet."""
        return ProjectState(root, self.slow, lambda _root: {})

    async def work(self, function: Callable[..., Answer], *values: object) -> Answer:
        """Run a function in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.quick, function, *values)

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
    return server


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serve until the client says ``exit`` or is gone; return the exit code it asks for."""
    server = make_server()
    try:
        server.start_io(stdin, stdout)
    finally:
        server.end()
    return 0 if server.protocol.has_been_told_to_stop else 1


def _take_texts(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        del params
        server.open_files.encoding = server.workspace.position_encoding or "utf-16"

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

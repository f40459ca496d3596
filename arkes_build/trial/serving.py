"""Serve a folder to a guest, which reaches this machine's loopback as 10.0.2.2."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUESTS_HOST = "10.0.2.2"
"""What QEMU's user network calls the host (qemu-doc, "Network emulation")."""


class _Quiet(SimpleHTTPRequestHandler):
    """Serve files, and say nothing about it."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Say nothing."""
        del format, args


class _Server(ThreadingHTTPServer):
    """Let a guest that hangs up, as one does whose power is cut, go without a traceback."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what the library says, but for who went."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback while the block runs; give the address for the guest."""
    handler = partial(_Quiet, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="updates", daemon=True)
        thread.start()
        try:
            yield f"http://{GUESTS_HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

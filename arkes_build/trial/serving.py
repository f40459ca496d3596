"""Serve a folder to a guest, which reaches this machine's loopback as 10.0.2.2."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

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


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback while the block runs; give the address for the guest."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="updates", daemon=True)
        thread.start()
        try:
            yield f"http://{GUESTS_HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

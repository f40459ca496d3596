"""Serve the published repository to guests, each of its states under a name of its own."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from pathlib import Path


class _Handler(http.server.SimpleHTTPRequestHandler):
    """``/NAME/path`` is a file of a view."""

    protocol_version = "HTTP/1.1"
    lab = None

    def translate_path(self, path):
        parts = [part for part in path.partition("?")[0].split("/") if part not in ("", ".", "..")]
        return str(self.lab.views.joinpath(*parts))

    def do_GET(self):
        self.server.asked += 1
        is_content = self.path.endswith(".filez") or "/deltas/" in self.path
        if "tampered" in self.path and is_content:
            path = Path(self.translate_path(self.path))
            if path.is_file():
                data = bytearray(path.read_bytes())
                data[len(data) // 2] ^= 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                return
        if "unsigned" in self.path and self.path.endswith(".commitmeta"):
            self.send_error(404)
            return
        super().do_GET()

    def log_message(self, *_words):
        pass


@contextmanager
def served(lab):
    """Serve on the host's loopback, at the lab's port."""
    handler = type("Handler", (_Handler,), {"lab": lab})
    with http.server.ThreadingHTTPServer(("127.0.0.1", lab.port), handler) as server:
        server.asked = 0
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

"""Find the podman service to talk to, or start a private one and end it again."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from arkes_build.core.process import Background, find
from arkes_build.engine.errors import EngineElsewhere, EngineUnreachable

START_SECONDS = 20.0
_PREFIX = "arkes-"
_STALE_SECONDS = 60.0
_POLL_SECONDS = 0.002
_PING = b"GET /_ping HTTP/1.0\r\nHost: d\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Name a service of this machine: its URL, and whether it is ours to configure."""

    url: str
    is_own: bool


def given_address() -> Address | None:
    """Return the service that the user named or that already answers, if there is one.

    ``CONTAINER_HOST`` (podman-remote(1)) goes first, then the user's own socket. Raises
    ``EngineElsewhere`` when the named one is no socket here, ``EngineUnreachable`` when
    it does not answer.
    """
    if named := os.environ.get("CONTAINER_HOST"):
        scheme, _, path = named.partition("://")
        if scheme not in {"unix", "http+unix"}:
            raise EngineElsewhere(named)
        if not answers(Path(unquote(path))):
            raise EngineUnreachable(named, reason="nothing answers at this socket", own=False)
        return Address(url=named, is_own=False)
    usual = _usual_socket()
    if usual is not None and answers(usual):
        return Address(url=f"unix://{usual}", is_own=False)
    return None


def answers(path: Path, *, timeout: float = 5.0) -> bool:
    """Tell whether a service answers a ping at this socket."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            connection.sendall(_PING)
            return connection.recv(16).startswith(b"HTTP/1.")
    except OSError:
        return False


class PrivateService:
    """Run ``podman system service`` on a socket that nobody else can reach.

    ``runtime`` is the OCI runtime's name, empty for podman's default; ``storage`` a
    storage.conf in place of the user's. The program is
    started by ``start``, which does not wait; ``address`` waits until it answers. When
    it has ended itself in the meantime, ``address`` starts it anew.
    """

    def __init__(self, runtime: str = "", *, storage: Path | None = None) -> None:
        self.runtime = runtime
        self._environment = {"CONTAINERS_STORAGE_CONF": str(storage)} if storage else {}
        self._lock = threading.Lock()
        self._program: Background | None = None
        self._folder: Path | None = None
        self._is_closed = False

    def start(self) -> None:
        """Start the program unless it runs; raises ``ToolMissing`` without podman."""
        with self._lock:
            self._start()

    def address(self) -> Address:
        """Return the address once the service answers; raises ``EngineUnreachable``."""
        with self._lock:
            self._start()
            path = self._wait()
        return Address(url=f"unix://{path}", is_own=True)

    def close(self) -> None:
        """End the program with all it runs; calling it again does nothing."""
        self._is_closed = True
        if self._program is not None:
            self._program.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            _sweep(self._folder.parent)

    def _start(self) -> None:
        if self._is_closed:
            raise EngineUnreachable("its private socket", reason="it was closed", own=True)
        if self._program is not None and self._program.is_running():
            return
        find("podman", wanted_for="building images")
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_runtime_folder()))
        runtime = ["--runtime", self.runtime] if self.runtime else []
        socket_path = self._folder / "podman.sock"
        socket_path.unlink(missing_ok=True)
        with (self._folder / "service.log").open("wb") as log:
            self._program = Background(
                ["podman", *runtime, "system", "service", "--time=0", f"unix://{socket_path}"],
                log=log,
                env=self._environment,
            )

    def _wait(self) -> Path:
        """Return the socket once it answers, looking every two milliseconds."""
        if self._program is None or self._folder is None:
            raise EngineUnreachable("its private socket", reason="it was closed", own=True)
        path = self._folder / "podman.sock"
        end = time.monotonic() + START_SECONDS
        while not (path.exists() and answers(path)):
            if not self._program.is_running() or time.monotonic() > end:
                said = (self._folder / "service.log").read_text("utf-8", "replace")
                raise EngineUnreachable(str(path), reason=said.strip()[-2000:], own=True)
            time.sleep(_POLL_SECONDS)
        return path


def _sweep(parent: Path) -> None:
    """Remove the folders of runs that were killed: ours, old, and without a service."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            status = folder.lstat()
            is_old = time.time() - status.st_mtime > _STALE_SECONDS
        except OSError:
            continue
        socket_path = folder / "podman.sock"
        if status.st_uid != os.geteuid() or not is_old or answers(socket_path, timeout=1):
            continue
        if {entry.name for entry in folder.iterdir()} <= {"podman.sock", "service.log"}:
            shutil.rmtree(folder, ignore_errors=True)


def _usual_socket() -> Path | None:
    """Return where podman.socket of systemd listens for this user."""
    if os.geteuid() == 0:
        return Path("/run/podman/podman.sock")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "podman/podman.sock" if runtime else None


def _runtime_folder() -> str | None:
    """Return a folder on a file system that a restart empties, if there is one of ours."""
    candidates = [os.environ.get("XDG_RUNTIME_DIR", ""), "/run" if os.geteuid() == 0 else ""]
    return next((c for c in candidates if c and os.access(c, os.W_OK | os.X_OK)), None)

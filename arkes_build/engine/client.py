"""Speak the libpod REST language through podman-py; import this only to speak it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import requests
from podman.api.client import APIClient
from podman.errors import APIError, PodmanError

from arkes_build.engine.errors import EngineRefused, EngineUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from arkes_build.engine.service import Address

_NOT_FOUND = 404
_FAILED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a service says of itself in the headers of a ping."""

    podman: str
    buildah: str


class Client:
    """Ask one service. Made anew for every call, because a session is for one thread.

    ``open_sockets`` collects what a cancelled run must cut.
    """

    def __init__(self, address: Address, open_sockets: OpenSockets, version: str = "4.0.0") -> None:
        self._address = address
        self._open_sockets = open_sockets
        self._api = APIClient(address.url, version=version)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()

    def ping(self) -> Server:
        """Return the versions of the service; asking ``/version`` takes 400 ms on Debian."""
        with self._speaking():
            headers = self._api.get("/_ping", timeout=30).headers
        return Server(
            podman=headers.get("Libpod-Api-Version", ""),
            buildah=headers.get("Libpod-Buildah-Version", ""),
        )

    def get(self, path: str, **params: str) -> Any:
        """Return the JSON answer, or None when there is no such thing."""
        with self._speaking():
            response = self._api.get(path, params=params, timeout=120)
            if response.status_code == _NOT_FOUND:
                return None
            self._check(response, path)
            return response.json()

    def has(self, path: str) -> bool:
        """Tell whether there is such a thing."""
        with self._speaking():
            response = self._api.get(path, timeout=120)
            if response.status_code == _NOT_FOUND:
                return False
            self._check(response, path)
            return True

    def delete(self, path: str, **params: str) -> None:
        """Delete something; that it is not there is fine."""
        with self._speaking():
            self._api.delete(path, params=params, timeout=120)

    def post(self, path: str, *, data: Iterable[bytes] | None = None, **params: str) -> None:
        """Send something; what the service answers is not wanted."""
        body: Any = data
        with self._speaking():
            self._check(self._api.post(path, params=params, data=body), path)

    def stream(
        self, path: str, *, data: Iterable[bytes], params: Mapping[str, str]
    ) -> Iterator[bytes]:
        """Send something and yield the lines of the answer as they come."""
        headers = {"Content-Type": "application/x-tar"}
        body: Any = data
        with self._speaking():
            response = self._api.post(path, params=params, data=body, headers=headers, stream=True)
            try:
                self._check(response, path)
                with self._open_sockets.holding(_socket(response)):
                    yield from response.iter_lines()
            finally:
                response.close()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn what podman-py and requests raise into our own errors."""
        try:
            yield
        except (requests.RequestException, PodmanError, APIError) as error:
            raise EngineUnreachable(
                self._address.url, reason=str(error), own=self._address.is_own
            ) from error

    @staticmethod
    def _check(response: Any, path: str) -> None:
        if response.status_code < _FAILED:
            return
        try:
            reason = str(response.json().get("message", ""))
        except (ValueError, AttributeError):
            reason = response.text
        raise EngineRefused(f"{path} ({response.status_code})", reason=reason)


class OpenSockets:
    """Know the connections that wait for an answer, so that they can be cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[socket.socket] = set()

    @contextmanager
    def holding(self, connection: socket.socket | None) -> Iterator[None]:
        """Keep the connection in the list while the block runs."""
        if connection is None:
            yield
            return
        with self._lock:
            self._held.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(connection)

    def cut(self) -> None:
        """Shut all of them down; who reads from them gets an error at once."""
        with self._lock:
            for connection in self._held:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def _socket(response: Any) -> socket.socket | None:
    connection = getattr(response.raw, "connection", None)
    found = getattr(connection, "sock", None)
    return found if isinstance(found, socket.socket) else None

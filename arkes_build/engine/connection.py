"""Come to a podman service that answers, and know what builds run with there."""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.digest import canonical_json
from arkes_build.core.errors import ArkesError
from arkes_build.core.events import Notice
from arkes_build.engine import probe
from arkes_build.engine.errors import Interrupted, NoIsolation
from arkes_build.engine.service import Address, PrivateService, given_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.engine.client import Client, OpenSockets, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A service that answers, and what builds run with there."""

    server: Server
    choice: probe.Choice
    address: Address


class Connection:
    """Find or start a service in the background; give everybody a client of it.

    1. ``CONTAINER_HOST``, or the user's own socket when it answers;
    2. else a private service, with the runtime that was found to work before.

    With ``storage``, a storage.conf, only a private service will do: no other has that one.
    """

    def __init__(self, *, memory: Path | None, sink: Sink, storage: Path | None = None) -> None:
        self.is_closed = False
        self._storage = storage
        self._memory = memory
        self._sink = sink
        self._lock = threading.Lock()
        self._starting: threading.Thread | None = None
        self._session: Session | None = None
        self._trouble: BaseException | None = None
        self._private: PrivateService | None = None
        self._sockets: OpenSockets | None = None

    def start(self) -> None:
        """Begin to connect; returns at once, and calling it again does nothing."""
        with self._lock:
            if self._starting is None:
                self._starting = threading.Thread(target=self._run, name="podman", daemon=True)
                self._starting.start()

    def session(self) -> Session:
        """Return the session, waiting for it; raises whatever kept it from starting."""
        self.start()
        if self._session is None and self._starting is not None:
            self._starting.join()
        if self._trouble is not None:
            raise Interrupted("the engine") if self.is_closed else self._trouble
        if self._session is None:
            raise Interrupted("the engine")
        return self._session

    @contextmanager
    def client(self, what: str) -> Iterator[Client]:
        """Give a client for one call; after ``close`` every trouble is an interruption."""
        session = self.session()
        try:
            with self._client(self._awake(session.address)) as client:
                yield client
        except ArkesError as error:
            if self.is_closed:
                raise Interrupted(what) from error
            raise

    def close(self) -> None:
        """End what was started for us; calling it again does nothing."""
        self.is_closed = True
        if self._private is not None:
            self._private.close()
        if self._sockets is not None:
            self._sockets.cut()

    def _run(self) -> None:
        try:
            remembered = self._remembered()
            address = given_address() if self._storage is None else None
            if address is None:
                self._use(remembered.runtime if remembered else "")
            # podman-py takes 170 ms to import; a private service comes up meanwhile.
            from arkes_build.engine.client import OpenSockets

            self._sockets = OpenSockets()
            self._session = self._greet(address or self._awake(None), remembered)
        except BaseException as error:  # noqa: BLE001 - handed over to whoever waits
            self._trouble = error

    def _greet(self, address: Address, remembered: probe.Choice | None) -> Session:
        with self._client(address) as client:
            server = client.ping()
        probe.check_version(server.podman)
        key = probe.machine_key(
            podman=server.podman,
            buildah=server.buildah,
            service="" if address.is_own else address.url,
        )
        choice = remembered
        if choice is None or choice.key != key:
            choice = self._probe(key, address)
        return Session(server=server, choice=choice, address=self._awake(address))

    def _probe(self, key: str, address: Address) -> probe.Choice:
        """Try what may work, remember and announce the first that does."""
        choice, failed = probe.find_out(
            probe.choices(key, is_own=address.is_own, is_root=os.geteuid() == 0),
            lambda choice: self._attempt(choice, address),
        )
        if choice is None:
            raise NoIsolation(failed)
        if self._memory is not None:
            write_atomically(self._memory, canonical_json(choice.to_json()) + b"\n")
        because = f" ({choice.reason})" if choice.reason else ""
        self._sink(Notice(message=f"builds run in {choice}{because}"))
        return choice

    def _attempt(self, choice: probe.Choice, address: Address) -> str:
        from arkes_build.engine.trial import attempt

        if address.is_own:
            self._use(choice.runtime)
        with self._client(self._awake(address)) as client:
            return attempt(client, choice)

    def _use(self, runtime: str) -> None:
        """Have a private service with this runtime on its way."""
        with self._lock:
            if self.is_closed:
                raise Interrupted("the engine")
            if self._private is None or self._private.runtime != runtime:
                if self._private is not None:
                    self._private.close()
                self._private = PrivateService(runtime, storage=self._storage)
        self._private.start()

    def _awake(self, address: Address | None) -> Address:
        """Return the address of a service that runs; a private one may have to start anew."""
        if address is not None and not address.is_own:
            return address
        if self._private is None:
            raise Interrupted("the engine")
        return self._private.address()

    def _client(self, address: Address) -> Client:
        from arkes_build.engine.client import Client, OpenSockets

        return Client(address, self._sockets or OpenSockets())

    def _remembered(self) -> probe.Choice | None:
        if self._memory is None:
            return None
        try:
            return probe.Choice.from_json(json.loads(self._memory.read_bytes()))
        except (OSError, ValueError):
            return None

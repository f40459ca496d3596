"""Call GnuPG so that it asks nobody, reads nobody's settings, and leaves nothing running.

Secret keys belong to an agent, which gpg would start in the background and leave there. Here
each session has a home of its own for as long as it lasts: a folder with a short path (a
socket's name has 107 bytes at most) that only links to our keys. Its agent runs under
``core/guard.py``, so it ends with us, even when we are killed. And two runs that sign with
the same keys share nothing that one could take away from the other.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import stat
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.process import Background, find, run
from arkes_build.store.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from arkes_build.core.process import Completed

VARIABLE = "ARKES_KEYS"
PUBLIC, SECRET = "pubring.kbx", "private-keys-v1.d"
REVOCATIONS = "openpgp-revocs.d"
_PURPOSE = "signing and its keys"
_SHORT = 60
"""Bytes of a folder's name below which a session's sockets have room."""
_PATIENCE = 20.0
_QUIET = ("--batch", "--no-tty", "--quiet", "--no-autostart", "--pinentry-mode=error")
_SURE = ("--trust-model=always", "--no-auto-check-trustdb", "--no-auto-key-retrieve")


class KeysUnsafe(ArkesError):
    """Report that others could read or change our secret keys."""

    exit_code = ExitCode.SIGNATURE

    def __init__(self, path: Path, *, why: str) -> None:
        super().__init__(
            f"the folder of the signing keys, {path}, {why}",
            resolution=f"make it yours alone: chown $(id -u) {path}; chmod 700 {path}\n"
            "If somebody else may have read it, make a new key.",
        )


class SigningFailed(ArkesError):
    """Report that GnuPG could not do what it was asked."""

    exit_code = ExitCode.SIGNATURE

    def __init__(self, *, doing: str, said: str) -> None:
        super().__init__(
            f"GnuPG failed while {doing}",
            details=said,
            resolution="a key that asks for a passphrase cannot be used here: the folder that "
            f"has it (${VARIABLE}) is what protects it",
        )


def keys_home() -> Path:
    """Return the folder of our secret keys, a GnuPG home, whether it is there or not.

    ``$ARKES_KEYS``, else ``arkes/keys`` under ``$XDG_DATA_HOME`` (XDG base directories: a
    relative one does not count), which is ``~/.local/share`` by default.
    """
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).absolute()
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path.home() / ".local" / "share") / "arkes" / "keys"


def check_home(home: Path) -> bool:
    """Tell whether the folder of the keys is there; raises ``KeysUnsafe`` when others reach it."""
    try:
        state = home.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise KeysUnsafe(home, why=f"cannot be read: {error.strerror}") from error
    if not stat.S_ISDIR(state.st_mode):
        raise KeysUnsafe(home, why="is no folder")
    if state.st_uid != os.geteuid():
        raise KeysUnsafe(home, why=f"belongs to another user ({state.st_uid})")
    if stat.S_IMODE(state.st_mode) & 0o077:
        raise KeysUnsafe(home, why=f"is open to others (mode {stat.S_IMODE(state.st_mode):04o})")
    return True


class Session:
    """A GnuPG home that lives as long as the ``with`` block.

    With ``secrets``, a folder that ``check_home`` found good, its secret keys can be used;
    its public ones are linked, or with ``changes`` copied: gpg replaces the file when it adds
    a key. Raises ``ToolMissing`` without GnuPG.
    """

    def __init__(self, secrets: Path | None = None, *, changes: bool = False) -> None:
        self._secrets = secrets
        self._changes = changes
        self._agent: Background | None = None
        self._files = count()

    def __enter__(self) -> Self:
        # Whoever only looks at public keys, as a machine that takes updates, needs no agent.
        tools = ("gpg",) if self._secrets is None else ("gpg", "gpgconf", "gpg-agent")
        for tool in tools:
            find(tool, wanted_for=_PURPOSE)
        self._scratch = Scratch("arkes-gpg-", _short_folder())
        self.home = self._scratch.path
        try:
            if self._secrets is not None:
                self._link(self._secrets)
                self._start_agent()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the agent and remove the home; calling it again does nothing."""
        if self._agent is not None:
            _ask_to_end(self._socket)
            self._agent.stop()
            self._agent = None
            if self._socket.parent != self.home:  # then it is below /run/user
                self._conf("--remove-socketdir")
        self._scratch.close()

    def call(self, *arguments: str, doing: str, stdin: bytes | None = None) -> Completed:
        """Run gpg in this home; raises ``SigningFailed`` when it ends with an error."""
        done = self.attempt(*arguments, stdin=stdin)
        if done.code:
            raise SigningFailed(doing=doing, said=done.errors.strip())
        return done

    def attempt(self, *arguments: str, stdin: bytes | None = None) -> Completed:
        """Run gpg in this home and return what it left, whatever that is."""
        own = ("gpg", f"--homedir={self.home}", *_QUIET, *_SURE)
        return run((*own, *arguments), stdin=stdin, check=False)

    def output(self, *arguments: str, doing: str, stdin: bytes | None = None) -> bytes:
        """Run gpg and return the bytes that it writes."""
        path = self.home / f"output-{next(self._files)}"
        self.call(f"--output={path}", *arguments, doing=doing, stdin=stdin)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""  # it had nothing to write
        finally:
            path.unlink(missing_ok=True)

    def _link(self, secrets: Path) -> None:
        names = (SECRET, REVOCATIONS) if self._changes else (SECRET, REVOCATIONS, PUBLIC)
        for name in names:
            (self.home / name).symlink_to(secrets / name)
        if self._changes and (secrets / PUBLIC).exists():
            shutil.copyfile(secrets / PUBLIC, self.home / PUBLIC)

    def _start_agent(self) -> None:
        # The count spares the agent to measure how fast this machine hashes passphrases.
        options = ("--daemon", "--s2k-count=65536", "--allow-loopback-pinentry", "--quiet")
        self._socket = Path(self._conf("--list-dirs", "agent-socket"))
        agent = ("gpg-agent", f"--homedir={self.home}", *options, "sleep", "infinity")
        self._agent = Background(agent)
        end = time.monotonic() + _PATIENCE
        while not _answers(self._socket):
            if time.monotonic() > end or not self._agent.is_running():
                raise SigningFailed(doing="starting its agent", said="it does not answer")
            time.sleep(0.002)

    def _conf(self, *arguments: str) -> str:
        done = run(("gpgconf", f"--homedir={self.home}", *arguments), check=False)
        return done.output.strip()


def _short_folder() -> str:
    """Return a folder for temporary files whose name leaves room for a socket's."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) < _SHORT else "/tmp"  # noqa: S108 - mkdtemp is private


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return client.recv(64).startswith(b"OK")


def _ask_to_end(path: Path) -> None:
    """Ask the agent to end (Assuan: D PID, OK) and wait for it; else it is killed after."""
    with suppress(OSError, ValueError, IndexError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        client.connect(str(path))
        answers = client.makefile("rb")
        answers.readline()
        client.sendall(b"GETINFO pid\n")
        # The socket was made before the agent forked, so SO_PEERCRED names its parent.
        agent = os.pidfd_open(int(answers.readline().split()[1]))
        try:
            client.sendall(b"KILLAGENT\n")
            select.select([agent], [], [], 2)
        finally:
            os.close(agent)


def lines(listing: Sequence[str]) -> list[list[str]]:
    """Return the fields of each line that ``--with-colons`` prints (doc/DETAILS of GnuPG)."""
    return [line.split(":") for line in listing]

"""Tell the journal what happens to the machine, each kind of event under its stable name.

The native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) is a datagram of fields to a socket,
so no library is needed. What each message means to an administrator is in the catalogue,
``/usr/lib/systemd/catalog/arkes.catalog`` (``journalctl -x``).
"""

from __future__ import annotations

import os
import re
import socket
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.host.machine import Host


class Message(Enum):
    """Name the messages; their ids never change, and never mean something else."""

    UPDATE_AVAILABLE = "141926b632364d5a81e0ebb705557cea"
    UPDATE_STAGED = "6c9497a95f0540cbac4d8400c6e83f0f"
    UPDATE_FAILED = "22179e7411bb49888aa6a43385949312"
    DEPLOYED = "010b12628e7340498eea991e5ba9fc05"
    REVERTED = "b879bba5c54a4310966fe4883cccb44b"
    ROLLED_BACK = "27587b96c89043a4a3e9f38d65bb9415"
    REBASED = "fd9a2fc6c6c44b52a928924d992e8c12"
    KARGS_CHANGED = "17b6c7a5e1a04c7b8c43a19b932a449a"
    PINNED = "bcff33058ce746889b69a2184926625d"
    UNPINNED = "d8c12a23523e414b8b48830bc963197a"
    UNLOCKED = "0a5efe0a43f14074a56f04790f0472da"
    MACHINE_BUILT = "3b4b60fe65954d58a6db7e47c9c0e7b7"
    BUILD_FAILED = "4cbee618dc944c5db26168373aa7b629"
    PRUNED = "0faeb9126e9340d5b1def5a406ed3515"
    BOOT_BLESSED = "9cd765de283b4d238aed3e146f93d2ef"
    BOOT_SYNCED = "f8083a8808564b0d9a19eb77f05981ef"
    BOOT_FELL_BACK = "da7020d47ed44abebdb4fbd5fc928e0a"
    HEALTH_FAILED = "6ede831401bf4c128e46327debe0ed6c"
    VALIDATION_FAILED = "d43e790f311a4c688e6d521f387256ea"
    FIRST_BOOT_DONE = "6b5e6fa0cc93446e8a07ae07feaffeea"


class Priority(IntEnum):
    """How grave a message is (syslog(3))."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


_SOCKET = "run/systemd/journal/socket"
_FIELD = re.compile(r"[A-Z][A-Z0-9_]{0,58}")
_LONGEST = 8192
"""Characters of a value that are sent; a datagram must fit into the socket's buffer."""


def send(
    host: Host,
    message: Message,
    text: str,
    *,
    priority: Priority = Priority.INFO,
    **fields: str,
) -> bool:
    """Send a message with fields of its own (``version="2026.11"`` becomes ARKES_VERSION).

    Returns whether the journal took it: a machine without one goes on all the same.
    """
    values = {
        "MESSAGE": text,
        "MESSAGE_ID": message.value,
        "PRIORITY": str(int(priority)),
        "SYSLOG_IDENTIFIER": "os",
        "SYSLOG_PID": str(os.getpid()),
        **{f"ARKES_{name.upper()}": value for name, value in sorted(fields.items()) if value},
    }
    return _sent(host.root / _SOCKET, b"".join(_encoded(values)))


def _encoded(values: dict[str, str]) -> Iterator[bytes]:
    for name, value in values.items():
        if not _FIELD.fullmatch(name):
            raise ValueError(name)
        data = value[:_LONGEST].encode("utf-8", "backslashreplace")
        if b"\n" in data:
            yield name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"
        else:
            yield name.encode() + b"=" + data + b"\n"


def _sent(path: Path, data: bytes) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(2)
            sender.sendto(data, str(path))
    except OSError:
        return False
    return True

"""Remember what the last look for updates found, for whoever asks without a network."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import DiskFull
from arkes_build.host import journal

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.host.machine import Host
    from arkes_build.host.updates.outlook import Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a look found; ``when`` is in seconds since 1970, ``download`` in bytes.

    ``state`` is that of ``outlook.State``. While ``is_available``, ``commit`` and ``version``
    are those of the release that could be taken.
    """

    when: int
    state: str
    ref: str
    commit: str
    version: str
    is_available: bool
    download: int | None = None
    packages: int = 0


def path_of(host: Host) -> Path:
    """Return where it is kept."""
    return host.var / "available.json"


def remember(host: Host, outlook: Outlook) -> Remembered:
    """Keep what was found, and tell the journal of a release that was not known before.

    Only root may write there: whoever else looks leaves what is there.
    """
    from arkes_build.host.updates.outlook import State

    found = Remembered(
        when=int(host.clock()),
        state=outlook.state.value,
        ref=outlook.ref,
        commit=outlook.after.commit,
        version=outlook.after.version,
        is_available=outlook.state in {State.NEWER, State.REBUILD},
        download=0 if outlook.is_here else outlook.cost.download,
        packages=len(outlook.packages),
    )
    if host.uid() != 0:
        return found
    before = read(host)
    with suppress(DiskFull, OSError):
        write_atomically(path_of(host), json.dumps(asdict(found)).encode() + b"\n")
    if found.is_available and (before is None or before.commit != found.commit):
        journal.send(
            host,
            journal.Message.UPDATE_AVAILABLE,
            f"{found.version or found.commit[:12]} can be taken: `os upgrade`",
            version=found.version,
            commit=found.commit,
            ref=found.ref,
        )
    return found


def read(host: Host) -> Remembered | None:
    """Return what the last look found; None when nobody looked, or the file is none of ours."""
    try:
        value = json.loads(path_of(host).read_bytes()[: 1 << 16])
        download = value["download"]
        return Remembered(
            when=int(value["when"]),
            state=str(value["state"]),
            ref=str(value["ref"]),
            commit=str(value["commit"]),
            version=str(value["version"]),
            is_available=value["is_available"] is True,
            download=None if download is None else int(download),
            packages=int(value["packages"]),
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None

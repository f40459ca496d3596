"""Pin releases, so that a prune leaves them, and take pins away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.delivery.keeping.pins import Pinned
from arkes_build.history.commits import History
from arkes_build.pipeline.opening import open_store
from arkes_build.store import pins

if TYPE_CHECKING:
    from arkes_build.pipeline.options import Options


class NotPinned(ArkesError):
    """Report that there is no such pin to take away."""

    exit_code = ExitCode.SOURCE

    def __init__(self, name: str, commit: str) -> None:
        super().__init__(
            f"{name[:120]!r} is not pinned",
            details=f"it is the commit {commit[:12]}" if commit != name else "",
            resolution="`arkes-build pin` lists what is",
        )


def pinned(options: Options) -> tuple[Pinned, ...]:
    """Return the pinned releases of the store, by node, the newest first."""
    opened = open_store(options)
    if not opened.store.has_repository:
        return ()
    return _pinned(History(opened.repository))


def pin(options: Options, name: str, *, note: str = "") -> tuple[Pinned, ...]:
    """Pin the release that a name means; return all that are pinned then.

    Raises ``CommitUnknown``, and ``StoreError`` for a note that cannot be kept.
    """
    history = open_store(options).history(name)
    pins.pin(history.path, history.resolve(name), note)
    return _pinned(history)


def unpin(options: Options, name: str) -> tuple[Pinned, ...]:
    """Take a pin away; return those that are left. Raises ``CommitUnknown``, ``NotPinned``."""
    history = open_store(options).history(name)
    commit = history.resolve(name)
    if not pins.unpin(history.path, commit):
        raise NotPinned(name, commit)
    return _pinned(history)


def _pinned(history: History) -> tuple[Pinned, ...]:
    found = [(history.commit(commit), note) for commit, note in pins.pins(history.path).items()]
    found.sort(key=lambda pair: (pair[0].node, -pair[0].timestamp, pair[0].checksum))
    return tuple(
        Pinned(
            commit=about.checksum,
            node=about.node,
            version=about.version,
            timestamp=about.timestamp,
            note=note,
        )
        for about, note in found
    )

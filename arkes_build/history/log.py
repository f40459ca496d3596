"""Tell the releases of a ref from what their commits say; no tree is looked into."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING

from arkes_build.history.forecast import ForecastUnreadable, parse
from arkes_build.history.signers import signers
from arkes_build.store.signed import commit_blobs

if TYPE_CHECKING:
    from collections.abc import Container

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.history.forecast import Forecast, Since


class Told(Enum):
    """Say what a commit tells of its changes."""

    CHANGES = "changes"
    FIRST = "first"
    """There was none before it."""
    NOTHING = "nothing"
    """It was made before commits said so, or does not know the release before."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release; ``since`` is what changed since the one before, when it says so.

    ``signers`` are the IDs of keys that signatures name: nothing is verified here.
    ``bytes`` is the size of the tree, 0 when it does not say.
    """

    commit: str
    parent: str | None
    node: str
    version: str
    timestamp: int
    kernel: str
    packages: int
    """How many."""
    signers: tuple[str, ...]
    is_pinned: bool
    bytes: int
    told: Told
    since: Since | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Releases, the newest first. ``is_cut`` says that there are older ones.

    ``oldest_parent`` is what the last one names as the one before it, when that is gone.
    """

    name: str
    releases: tuple[Release, ...]
    is_cut: bool
    oldest_parent: str | None


def log(history: History, name: str, *, count: int, pinned: Container[str]) -> Log:
    """Return the last ``count`` releases of what a name means. Raises ``CommitUnknown``."""
    start = history.resolve(name)
    found = list(islice(history.releases(start), count + 1))
    shown = found[:count]
    is_cut = len(found) > count
    return Log(
        name=name,
        releases=tuple(_release(history, info, pinned) for info in shown),
        is_cut=is_cut,
        oldest_parent=None if is_cut else shown[-1].parent,
    )


def _release(history: History, info: CommitInfo, pinned: Container[str]) -> Release:
    told, forecast = _told(info)
    since = None
    if forecast is not None and info.parent:
        since = next((one for one in forecast.since if one.commit == info.parent), None)
        told = Told.NOTHING if since is None else Told.CHANGES
    return Release(
        commit=info.checksum,
        parent=info.parent,
        node=info.node,
        version=info.version,
        timestamp=info.timestamp,
        kernel=info.kernel,
        packages=len(info.packages),
        signers=signers(commit_blobs(history.repo, info.checksum)),
        is_pinned=info.checksum in pinned,
        bytes=forecast.bytes if forecast else 0,
        told=told,
        since=since,
    )


def _told(info: CommitInfo) -> tuple[Told, Forecast | None]:
    forecast, told = None, Told.NOTHING
    if info.forecast:
        try:
            forecast = parse(info.forecast)
        except ForecastUnreadable:
            told = Told.UNREADABLE
    return (told if info.parent else Told.FIRST), forecast

"""Show releases: what each changed and costs, as text, on one line each, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.history.importance import by_importance
from arkes_build.history.log import Told
from arkes_build.history.model import Kind
from arkes_build.ui.bars import bar
from arkes_build.ui.phrases import SHORT_COMMIT
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, cut, pad, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.forecast import Since
    from arkes_build.history.log import Log, Release
    from arkes_build.history.model import NameChange, PackageChange
    from arkes_build.ui import documents
    from arkes_build.ui.screen import Screen

MOST = 5
"""Names of one kind that are shown."""
BAR = 20
_TITLE = 9
_INDENT = "    "
_WORDS = {
    Kind.UPGRADED: "up",
    Kind.DOWNGRADED: "down",
    Kind.ADDED: "added",
    Kind.REMOVED: "removed",
    Kind.CHANGED: "changed",
}
_SECTIONS = {
    "packages": "packages",
    "kernel_arguments": "kargs",
    "units": "units",
    "users": "users",
    "etc": "/etc",
}
"""Section of a forecast → what stands before it."""
_TOLD = {
    Told.FIRST: "the first release",
    Told.NOTHING: "its commit does not say what changed: it is from before commits did, or "
    "from where the release before was not at hand",
    Told.UNREADABLE: "what its commit says of changes cannot be read",
}
_SHORTLY = {
    Told.FIRST: "first release",
    Told.NOTHING: "changes not told",
    Told.UNREADABLE: "unreadable",
}


def log_lines(log: Log, screen: Screen) -> list[str]:
    """Return the releases with their summaries, the newest first."""
    most = _most(log)
    lines = []
    for release in log.releases:
        lines += [*_release_lines(release, most, screen), ""]
    return [*lines, _end(log)]


def oneline_lines(log: Log, screen: Screen) -> list[str]:
    """Return one line for each release, cut to the screen's width."""
    most = _most(log)
    versions = max((len(_version(release)) for release in log.releases), default=0)
    lines = []
    for release in log.releases:
        since = release.since
        costs = (pad(_bytes(since), 9, right=True), pad(_bar(since, most, 10), 10))
        head = f"{release.commit[:SHORT_COMMIT]}  {pad(_version(release), versions)}  "
        rest = (*costs, _shortly(release)) if since else (" " * 9, " " * 10, _shortly(release))
        text = f"{head}{_date(release)[:10]}  {'  '.join(rest)}".rstrip()
        lines.append(text if screen.width is None else cut(text, screen.width))
    return lines


def _release_lines(release: Release, most: int, screen: Screen) -> Iterator[str]:
    head = f"{_version(release)}  {release.commit[:SHORT_COMMIT]}"
    about = [_date(release), f"signed by {', '.join(release.signers)}"]
    if not release.signers:
        about[1] = "not signed"
    if release.is_pinned:
        about.append("pinned")
    yield f"{screen.paint(head, Style.STRONG)}  {', '.join(about)}"
    if release.since is None:
        yield from _row("changes", _TOLD[release.told], screen)
    else:
        yield from _row("update", _update(release.since, most), screen)
        yield from _since_lines(release.since, screen)
    if release.bytes:
        yield from _row("tree", _tree(release), screen)


def _since_lines(since: Since, screen: Screen) -> Iterator[str]:
    if since.kernel:
        yield from _row("kernel", " → ".join(safe(one) or "none" for one in since.kernel), screen)
    for section, title in _SECTIONS.items():
        counts = since.counts(section)
        told = [_group(section, kind, counts[kind], since) for kind in _WORDS if counts[kind]]
        if told:
            yield from _row(title, "; ".join(told), screen)


def _group(section: str, kind: Kind, count: int, since: Since) -> str:
    """Return how many changed in one way, and the most important of them by name."""
    found = [one for one in getattr(since, section) if one.kind is kind]
    found.sort(key=lambda one: by_importance(one.name))
    shown = [_named(one) for one in found[:MOST]]
    if (left := count - len(shown)) and shown:
        shown.append(f"{left} more")
    told = f"{count} {_WORDS[kind]}"
    return f"{told}: {', '.join(shown)}" if shown else told


def _named(change: PackageChange | NameChange) -> str:
    from arkes_build.history.model import PackageChange

    if isinstance(change, PackageChange):
        versions = " → ".join(filter(None, (safe(change.before), safe(change.after))))
        return f"{safe(change.name)} {versions}"
    return safe(f"{change.name} ({change.detail})" if change.detail else change.name)


def _update(since: Since, most: int) -> str:
    objects = f"{since.cost.objects:,} objects, {size(since.cost.content_bytes)} on disk"
    return f"{_bytes(since)} {_bar(since, most, BAR)} {objects}".replace("  ", " ")


def _tree(release: Release) -> str:
    parts = [size(release.bytes), f"{release.packages} packages" if release.packages else ""]
    parts.append(f"kernel {safe(release.kernel)}" if release.kernel else "")
    return ", ".join(filter(None, parts))


def _shortly(release: Release) -> str:
    since = release.since
    if since is None:
        return _SHORTLY[release.told]
    parts = [f"kernel {safe(since.kernel[1])}"] if since.kernel and since.kernel[1] else []
    counts = since.counts("packages")
    parts += [f"{counts[kind]} {word}" for kind, word in _WORDS.items() if counts[kind]]
    for section in ("units", "etc"):
        if count := since.counts(section).total():
            parts.append(f"{count} in /etc" if section == "etc" else counted(count, "unit"))
    return ", ".join(parts) or "files only"


def _end(log: Log) -> str:
    if log.is_cut:
        return "There are older ones: -n shows more."
    if log.oldest_parent:
        return f"The one before, {log.oldest_parent[:SHORT_COMMIT]}, is not here any more."
    return f"{counted(len(log.releases), 'release')}."


def _row(title: str, text: str, screen: Screen) -> Iterator[str]:
    head = f"{_INDENT}{screen.paint(pad(title, _TITLE), Style.CALM)} "
    room = None if screen.width is None else screen.width - len(_INDENT) - _TITLE - 1
    first, *rest = [text] if room is None else wrap(text, room)
    yield f"{head}{first}"
    yield from (f"{' ' * (len(_INDENT) + _TITLE + 1)}{line}" for line in rest)


def _most(log: Log) -> int:
    costs = (release.since.cost.object_bytes for release in log.releases if release.since)
    return max(costs, default=0)


def _bytes(since: Since | None) -> str:
    if since is None:
        return ""
    return f"{'~' if since.cost.is_estimate else ''}{size(since.cost.object_bytes)}"


def _bar(since: Since | None, most: int, columns: int) -> str:
    return bar(since.cost.object_bytes, most, columns) if since else ""


def _version(release: Release) -> str:
    return safe(release.version) or "no version"


def _date(release: Release) -> str:
    try:
        return f"{datetime.fromtimestamp(release.timestamp, UTC):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return "?"


def log_shape(log: Log) -> documents.LogDocument:
    """Return the releases as JSON."""
    return {
        "schema": SCHEMA,
        "type": "log",
        "name": log.name,
        "releases": [_shape(release) for release in log.releases],
        "is_cut": log.is_cut,
    }


def _shape(release: Release) -> documents.LoggedRelease:
    return {
        "commit": release.commit,
        "parent": release.parent,
        "node": release.node,
        "version": release.version,
        "timestamp": release.timestamp,
        "kernel": release.kernel,
        "packages": release.packages,
        "bytes": release.bytes or None,
        "signers": list(release.signers),
        "pinned": release.is_pinned,
        "told": release.told.value,
        "changes": None if release.since is None else _since_shape(release.since),
    }


def _since_shape(since: Since) -> documents.Forecasted:
    kernel = since.kernel
    return {
        "commit": since.commit,
        "version": since.version,
        "timestamp": since.timestamp,
        "packages": [
            {"name": one.name, "before": one.before, "after": one.after, "kind": one.kind.value}
            for one in since.packages
        ],
        "etc": _names(since.etc),
        "units": _names(since.units),
        "users": _names(since.users),
        "kernel_arguments": _names(since.kernel_arguments),
        "kernel": None if kernel is None else {"before": kernel[0], "after": kernel[1]},
        "left_out": dict(since.left_out),
        "objects": since.cost.objects,
        "content_bytes": since.cost.content_bytes,
        "object_bytes": since.cost.object_bytes,
        "is_estimate": since.cost.is_estimate,
    }


def _names(changes: Iterable[NameChange]) -> list[documents.ForecastedName]:
    return [{"name": one.name, "kind": one.kind.value, "detail": one.detail} for one in changes]

"""Name what differs between two trees that should be the same, path by path, and why.

The trees may lie in two repositories, as a recorded commit and one that was made again do:
what has the same checksum is the same, wherever it lies.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from arkes_build.history.causes import Cause, of_path
from arkes_build.history.containers import MOST
from arkes_build.history.contents import compare
from arkes_build.history.trees import Change, Entry, Trees
from arkes_build.store.binding import binding, told
from arkes_build.store.errors import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from arkes_build.history.commits import History
    from arkes_build.store.folders import Folder

_XATTR_BYTES = 24


class What(Enum):
    """Name what of a path differs."""

    CONTENT = "content"
    MODE = "mode"
    OWNER = "owner"
    XATTRS = "xattrs"
    TARGET = "target"
    KIND = "kind"
    ONLY_RECORDED = "only-recorded"
    ONLY_REBUILT = "only-rebuilt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs at a path. ``inside`` leads to a member of a container.

    ``details`` are lines for people, with whatever the file held; ``package`` and ``line``
    (``variants/base.Containerfile:13``) tell whose it is, empty when nobody knows.
    """

    path: str
    what: What
    cause: Cause
    inside: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    package: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an object says of a path: the mode with its kind, owner, xattrs, a link's target."""

    mode: int
    owner: tuple[int, int]
    xattrs: Mapping[str, bytes]
    target: str = ""

    @property
    def kind(self) -> str:
        """Return what it is, in a word."""
        if stat.S_ISDIR(self.mode):
            return "a directory"
        return "a link" if stat.S_ISLNK(self.mode) else "a file"


class TreesOfTwo(Trees):
    """Read directories from whichever of two repositories has them."""

    def __init__(self, one: Trees, other: Trees) -> None:
        self._both = (one, other)

    def folder(self, checksum: str) -> Folder:
        """Return a directory by the checksum of its tree. Raises ``StoreDamaged``."""
        try:
            return self._both[0].folder(checksum)
        except StoreDamaged:
            return self._both[1].folder(checksum)


class Differences:
    """Compare trees of two repositories: what was recorded, and what was made again."""

    def __init__(self, recorded: History, rebuilt: History) -> None:
        self._recorded = recorded
        self._rebuilt = rebuilt
        self.trees = TreesOfTwo(recorded.trees, rebuilt.trees)

    def name(self, changes: Iterable[Change]) -> Iterator[Difference]:
        """Give what differs at each path, in the order of the changes."""
        for change in changes:
            if change.before is None or change.after is None:
                yield _alone(change)
            else:
                yield from self._both(change.path, change.before, change.after)

    def _both(self, path: str, before: Entry, after: Entry) -> Iterator[Difference]:
        old, new = _state(self._recorded, before), _state(self._rebuilt, after)
        if old.kind != new.kind:
            yield _simple(path, What.KIND, f"{old.kind} recorded, {new.kind} rebuilt")
            return
        found = list(_states(path, old, new))
        if stat.S_ISREG(old.mode):
            found += self._contents(path, before.checksum, after.checksum, is_needed=not found)
        yield from found

    def _contents(
        self, path: str, before: str, after: str, *, is_needed: bool
    ) -> Iterator[Difference]:
        one, other = _content(self._recorded, before), _content(self._rebuilt, after)
        if one == other and not is_needed:
            return
        for finding in compare(path, one, other):
            yield Difference(
                path=path,
                what=What.CONTENT,
                cause=finding.cause,
                inside=finding.inside,
                details=finding.details,
            )


def _alone(change: Change) -> Difference:
    what = What.ONLY_REBUILT if change.before is None else What.ONLY_RECORDED
    return Difference(path=change.path, what=what, cause=of_path(change.path))


def _simple(path: str, what: What, text: str) -> Difference:
    return Difference(path=path, what=what, cause=Cause.UNKNOWN, details=(text,))


def _states(path: str, old: Stored, new: Stored) -> Iterator[Difference]:
    if old.mode != new.mode:
        modes = (f"{stat.S_IMODE(state.mode):04o}" for state in (old, new))
        yield _simple(path, What.MODE, " recorded, ".join(modes) + " rebuilt")
    if old.owner != new.owner:
        owners = (f"{state.owner[0]}:{state.owner[1]}" for state in (old, new))
        yield _simple(path, What.OWNER, " recorded, ".join(owners) + " rebuilt")
    if old.target != new.target:
        yield _simple(path, What.TARGET, f"{old.target} recorded, {new.target} rebuilt")
    for name in sorted({**old.xattrs, **new.xattrs}):
        one, other = old.xattrs.get(name), new.xattrs.get(name)
        if one != other:
            told_values = " recorded, ".join(_value(value) for value in (one, other))
            yield _simple(path, What.XATTRS, f"{name}: {told_values} rebuilt")


def _value(value: bytes | None) -> str:
    if value is None:
        return "none"
    return value[:_XATTR_BYTES].hex() + ("…" if len(value) > _XATTR_BYTES else "")


def _state(history: History, entry: Entry) -> Stored:
    with told(history.path.parent, doing="reading what a path is"):
        if entry.is_folder:
            kind = binding().ostree.ObjectType.DIR_META
            loaded = history.repo.load_variant(kind, entry.checksum)[1]
            uid, gid, mode = (
                int.from_bytes(_bytes(loaded.get_child_value(at)), "big") for at in range(3)
            )
            return Stored(mode=mode, owner=(uid, gid), xattrs=_xattrs(loaded.get_child_value(3)))
        _, _stream, info, xattrs = history.repo.load_file(entry.checksum, None)
        return Stored(
            mode=info.get_attribute_uint32("unix::mode"),
            owner=(
                info.get_attribute_uint32("unix::uid"),
                info.get_attribute_uint32("unix::gid"),
            ),
            xattrs=_xattrs(xattrs),
            target=info.get_symlink_target() or "",
        )


def _bytes(value: Any) -> bytes:
    return bytes(value.get_data_as_bytes().get_data() or b"")


def _xattrs(value: Any) -> dict[str, bytes]:
    """Read ``a(ayay)``: names end with a zero byte."""
    found = {}
    for at in range(value.n_children()):
        pair = value.get_child_value(at)
        name, content = (_bytes(pair.get_child_value(n)) for n in range(2))
        found[name.rstrip(b"\0").decode("utf-8", "replace")] = content
    return found


def _content(history: History, checksum: str) -> bytes:
    """Return a file's content, at most one byte more than containers are looked into."""
    with told(history.path.parent, doing="reading a file"):
        stream = history.repo.load_file(checksum, None)[1]
        pieces, left = [], MOST + 1
        while left > 0 and (piece := _read(stream, min(left, 1 << 22))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


def _read(stream: Any, count: int) -> bytes:
    return bytes(stream.read_bytes(count, None).get_data() or b"")

"""Find what commits need and do not have, and who needs what is damaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.soundness.damage import PATHS, Kind, Thing
from arkes_build.delivery.soundness.variants import raw, read, variant, within
from arkes_build.store.folders import EMPTY, Folder, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from arkes_build.delivery.soundness.scan import Seen

COMMIT = "(a{sv}aya(say)sstayay)"
_PARENT, _TIME, _TREE, _META = 1, 5, 6, 7
"""Members of a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitObject:
    """What a commit's object says: parent (or empty), root, time in seconds since 1970."""

    checksum: str
    parent: str
    tree: str
    meta: str
    timestamp: int
    layers: tuple[str, ...]
    """Chain IDs of the layers it was made from, from the lowest; none when it does not say."""
    image: str
    """The image's ID, 64 digits; empty when it does not say."""
    packages: tuple[str, ...]


def read_commit(repository: Path, checksum: str) -> CommitObject | None:
    """Return a commit by its checksum; None when there is none, or it is none."""
    path = repository / "objects" / checksum[:2] / f"{checksum[2:]}.commit"
    return parse_commit(checksum, read(path))


def parse_commit(checksum: str, data: bytes) -> CommitObject | None:
    """Return the commit that an object's bytes say; None when they are none."""
    value = variant(COMMIT, data)
    if value is None:
        return None
    about = value.get_child_value(0)
    time = value.get_child_value(_TIME).get_uint64().to_bytes(8, "little")
    return CommitObject(
        checksum=checksum,
        parent=_digits(value, _PARENT),
        tree=_digits(value, _TREE),
        meta=_digits(value, _META),
        timestamp=int.from_bytes(time, "big"),
        layers=tuple(one[0] for one in _value(about, "arkes.layers", "a(ssss)", ())),
        image=_value(about, "arkes.image", "s", "").removeprefix("sha256:"),
        packages=tuple(_value(about, "arkes.packages", "as", ())),
    )


class Closure:
    """Walk the trees of commits; each directory is read once, however many commits have it."""

    def __init__(self, repository: Path, seen: Seen) -> None:
        self._repository = repository
        self._objects = repository / "objects"
        self._seen = seen
        self._walked: set[str] = set()
        self._whole: dict[str, bool] = {}

    def missing(self, commit: CommitObject) -> list[Thing]:
        """Return what the commit's tree needs and nobody named yet as missing.

        What is below a directory that is damaged itself cannot be told.
        """
        found: dict[Thing, None] = {}
        self._need(Thing(Kind.METADATA, commit.meta), found)
        waiting = [commit.tree]
        while waiting:
            checksum = waiting.pop()
            if checksum in self._walked:
                continue
            self._walked.add(checksum)
            self._need(Thing(Kind.FOLDER, checksum), found)
            folder = self.folder(checksum)
            for file in folder.files.values():
                self._need(Thing(Kind.FILE, file), found)
            for tree, meta in folder.folders.values():
                self._need(Thing(Kind.METADATA, meta), found)
                waiting.append(tree)
        return list(found)

    def is_whole(self, commit: CommitObject, bad: frozenset[Thing]) -> bool:
        """Tell whether nothing of the commit's tree is among ``bad``, always the same things."""
        if Thing(Kind.COMMIT, commit.checksum) in bad or Thing(Kind.METADATA, commit.meta) in bad:
            return False
        return self._is_clean(commit.tree, bad)

    def places(self, commit: CommitObject, bad: frozenset[Thing]) -> Iterator[tuple[Thing, str]]:
        """Give each of ``bad`` that the commit's tree has, with its path there."""
        root = Thing(Kind.METADATA, commit.meta)
        if root in bad:
            yield root, "/"
        waiting = [("", commit.tree)]
        while waiting:
            path, checksum = waiting.pop()
            if self._is_clean(checksum, bad):
                continue
            if Thing(Kind.FOLDER, checksum) in bad:
                yield Thing(Kind.FOLDER, checksum), path or "/"
            folder = self.folder(checksum)
            for name, file in folder.files.items():
                if Thing(Kind.FILE, file) in bad:
                    yield Thing(Kind.FILE, file), f"{path}/{name}"
            for name, (tree, meta) in sorted(folder.folders.items(), reverse=True):
                if Thing(Kind.METADATA, meta) in bad:
                    yield Thing(Kind.METADATA, meta), f"{path}/{name}"
                waiting.append((f"{path}/{name}", tree))

    def folder(self, checksum: str) -> Folder:
        """Return a directory; an empty one when it is not there or damaged."""
        if not self._seen.is_good(Thing(Kind.FOLDER, checksum)):
            return EMPTY
        try:
            return parse((self._objects / checksum[:2] / f"{checksum[2:]}.dirtree").read_bytes())
        except (OSError, ValueError, IndexError):
            return EMPTY

    def _need(self, thing: Thing, found: dict[Thing, None]) -> None:
        if not self._seen.has(thing):
            found[thing] = None

    def _is_clean(self, tree: str, bad: frozenset[Thing]) -> bool:
        """Tell whether a directory and all below have none of ``bad``; each is asked once."""
        waiting = [tree]
        while waiting:
            checksum = waiting[-1]
            if checksum in self._whole:
                waiting.pop()
                continue
            folder = self.folder(checksum)
            inner = [below for below, _meta in folder.folders.values()]
            unknown = [below for below in inner if below not in self._whole]
            if unknown:
                waiting += unknown
                continue
            waiting.pop()
            self._whole[checksum] = (
                Thing(Kind.FOLDER, checksum) not in bad
                and all(self._whole[below] for below in inner)
                and not any(Thing(Kind.FILE, file) in bad for file in folder.files.values())
                and not any(Thing(Kind.METADATA, m) in bad for _t, m in folder.folders.values())
            )
        return self._whole[tree]


def paths_of(
    closure: Closure, commits: Iterable[CommitObject], bad: frozenset[Thing]
) -> Mapping[Thing, tuple[tuple[str, ...], int]]:
    """Return for each of ``bad`` its paths in these commits, and how many more there are."""
    found: dict[Thing, set[str]] = {}
    for commit in commits:
        for thing, path in closure.places(commit, bad):
            found.setdefault(thing, set()).add(path)
    return {
        thing: (tuple(sorted(paths)[:PATHS]), max(0, len(paths) - PATHS))
        for thing, paths in found.items()
    }


def _digits(value: Any, at: int) -> str:
    return raw(value.get_child_value(at)).hex()


def _value(about: Any, name: str, kind: str, default: Any) -> Any:
    found = within(about, name, kind)
    return default if found is None else found.unpack()

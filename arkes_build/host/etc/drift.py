"""Find what is different in /etc from what was delivered in /usr/etc.

libostree merges these differences into the next deployment's /etc, but not all of them: it looks
at what files say, at their owner and mode, and at where links lead. A directory's own owner and
mode, and extended attributes alone, are those of the new system after each upgrade (seen with
libostree 2022.7 and 2025.2; ``ostree-sysroot-deploy.c``, ``merge_configuration_from``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.history.model import Kind
from arkes_build.host.etc.things import Sort, same_bytes, thing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from arkes_build.host.etc.things import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A path of /etc that is not as it was delivered.

    ``path`` is that below /etc, ``detail`` says what is another, and ``is_kept`` whether the
    next upgrade takes it along.
    """

    path: str
    kind: Kind
    detail: str = ""
    is_folder: bool = False
    is_kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifts:
    """All that is different, by path; ``unread`` are paths that only root may compare."""

    found: tuple[Drift, ...]
    unread: tuple[str, ...] = ()


def drift(delivered: Path, local: Path) -> Drifts:
    """Compare a system's /etc (``local``) with what was delivered (its /usr/etc)."""
    found: list[Drift] = []
    unread: list[str] = []
    for path in sorted(_paths(delivered, unread) | _paths(local, unread)):
        try:
            one, other = thing(delivered / path), thing(local / path)
        except PermissionError:
            # Its folder was closed to others here, and not where it was delivered.
            unread.append(path)
            continue
        if one is not None and other is not None:
            told = _difference(one, other)
            if one.sort is other.sort is Sort.FILE and one.size == other.size:
                same = same_bytes(delivered / path, local / path)
                if same is None:
                    unread.append(path)
                elif not same:
                    told.insert(0, "content")
            found += _changed(path, one, other, told)
        elif here := one or other:
            kind = Kind.ADDED if one is None else Kind.REMOVED
            found.append(Drift(path=path, kind=kind, is_folder=here.sort is Sort.FOLDER))
    return Drifts(found=tuple(found), unread=tuple(sorted(set(unread))))


class NothingThere(ArkesError):
    """Report a path of /etc that is neither here nor was delivered."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: str) -> None:
        super().__init__(
            f"there is no /etc/{path[:200]}, and none was delivered",
            resolution="`os etc-diff` without a path names all that is different",
        )


def must_be_known(delivered: Path, local: Path, paths: Sequence[str]) -> None:
    """Raise ``NothingThere`` for a path that neither of both has: it is as good as mistyped."""
    for path in map(_below, paths):
        if not any(_is_known(top / path) for top in (delivered, local)):
            raise NothingThere(path)


def only(drifts: Drifts, paths: Sequence[str]) -> Drifts:
    """Return what is at some paths, or below them; they may begin with ``/etc/`` or not."""
    tops = tuple(map(_below, paths))

    def is_meant(path: str) -> bool:
        return any(not top or path == top or path.startswith(f"{top}/") for top in tops)

    return Drifts(
        found=tuple(one for one in drifts.found if is_meant(one.path)),
        unread=tuple(path for path in drifts.unread if is_meant(path)),
    )


def _below(path: str) -> str:
    return path.removeprefix("/etc").strip("/")


def _is_known(path: Path) -> bool:
    try:
        path.lstat()
    except PermissionError:
        return True  # it is for root to say
    except (OSError, ValueError):
        return False
    return True


def _paths(top: Path, unread: list[str]) -> set[str]:
    """Return every path below a folder; those of folders that are closed to us are told."""

    def closed(error: OSError) -> None:
        unread.append(os.path.relpath(error.filename, top))

    return set(_walk(top, closed)) if top.is_dir() else set()


def _walk(top: Path, closed: Callable[[OSError], None]) -> Iterator[str]:
    for folder, folders, files in os.walk(top, onerror=closed):
        below = os.path.relpath(folder, top)
        prefix = "" if below == "." else f"{below}/"
        yield from (f"{prefix}{name}" for name in (*folders, *files))


def _difference(old: Thing, new: Thing) -> list[str]:
    """Say what is another besides the bytes of files of one size."""
    if old.sort is not new.sort:
        return [f"{old.sort.value} → {new.sort.value}"]
    told = []
    if old.sort is Sort.FILE and old.size != new.size:
        told.append("content")
    if old.target != new.target:
        told.append(f"link {old.target} → {new.target}")
    if old.mode != new.mode:
        told.append(f"mode {old.mode:04o} → {new.mode:04o}")
    if (old.uid, old.gid) != (new.uid, new.gid):
        told.append(f"owner {old.uid}:{old.gid} → {new.uid}:{new.gid}")
    if old.xattrs != new.xattrs:
        told.append("attributes")
    return told


def _changed(path: str, old: Thing, new: Thing, told: list[str]) -> Iterator[Drift]:
    if not told:
        return
    is_folder = new.sort is Sort.FOLDER
    is_lost = told == ["attributes"] or (is_folder and old.sort is Sort.FOLDER)
    yield Drift(
        path=path,
        kind=Kind.CHANGED,
        detail=", ".join(told),
        is_folder=is_folder,
        is_kept=not is_lost,
    )

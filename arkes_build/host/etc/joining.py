"""Foresee what becomes of local changes in /etc when the defaults below them change.

Three ways meet at a path: the default that was delivered, what is there now, and the default
that comes. What libostree does with them is in ``drift.py``; it never mixes two texts.

1. The new default is just what is there now: nothing is different any more.
2. Ours was changed or added, and there is another new default: ours stays, in its shadow.
3. Ours was changed, and the system no longer has it: ours stays.
4. Ours was removed, and the default changed: it stays away.
5. Ours is a file, and the default a directory: libostree refuses to merge, and the upgrade
   would never come to pass. This is so whether the default changes or not.
6. What libostree does not take along: it is as delivered after the upgrade.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from arkes_build.history.model import Kind
from arkes_build.host.etc.things import Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from arkes_build.host.etc.drift import Drift


class Fate(Enum):
    """Say what becomes of a local change."""

    BLOCKS = "blocks"
    SHADOWS = "shadows"
    OUTLIVES = "outlives"
    STAYS_AWAY = "stays-away"
    RESET = "reset"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an upgrade means for a path of /etc that was changed here.

    ``path`` is that below /etc, ``detail`` says what was changed here, as ``Drift`` does.
    """

    path: str
    fate: Fate
    detail: str = ""
    is_folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDefault:
    """What the new system has at a path: None where it has nothing.

    ``is_mine`` says that it is just what is there now.
    """

    sort: Sort | None
    is_mine: bool = False


def join(
    drifts: Sequence[Drift],
    defaults: Mapping[str, Kind],
    look: Callable[[str], NewDefault | None],
) -> tuple[Effect, ...]:
    """Return what becomes of each local change that an upgrade touches, by path.

    ``defaults`` has the changed defaults (path below /etc → how); ``look`` says what the new
    system has at one of ``in_question``, None when that is not known.
    """
    folders = _folders(defaults)
    asked = set(in_question(drifts, defaults))
    found = []
    for one in drifts:
        new = look(one.path) if one.path in asked else None
        fate = _fate(one, defaults.get(one.path), new, is_folder_now=one.path in folders)
        if fate is not None:
            found.append(
                Effect(path=one.path, fate=fate, detail=one.detail, is_folder=one.is_folder)
            )
    return tuple(found)


def in_question(drifts: Sequence[Drift], defaults: Mapping[str, Kind]) -> tuple[str, ...]:
    """Return the paths of which names alone do not say what becomes of them."""
    return tuple(one.path for one in drifts if one.path in defaults or _replaces_folder(one))


def _folders(defaults: Mapping[str, Kind]) -> set[str]:
    """Return the folders that the new system surely has, because of what came into them."""
    found: set[str] = set()
    for path, kind in defaults.items():
        if kind is not Kind.REMOVED:
            parts = path.split("/")
            found.update("/".join(parts[:at]) for at in range(1, len(parts)))
    return found


def _fate(
    drift: Drift, default: Kind | None, new: NewDefault | None, *, is_folder_now: bool
) -> Fate | None:
    if new is not None and new.is_mine:
        return Fate.SAME
    if drift.kind is not Kind.REMOVED and not drift.is_folder:
        known = new.sort is Sort.FOLDER if new is not None else _replaces_folder(drift)
        if known or is_folder_now:
            return Fate.BLOCKS
    if not drift.is_kept:
        return Fate.RESET
    return _by_default(drift, default)


def _by_default(drift: Drift, default: Kind | None) -> Fate | None:
    """Return what becomes of a change that libostree takes along."""
    if default is None or (drift.is_folder and drift.kind is not Kind.CHANGED):
        return None
    if drift.kind is Kind.REMOVED:
        return None if default is Kind.REMOVED else Fate.STAYS_AWAY
    return Fate.OUTLIVES if default is Kind.REMOVED else Fate.SHADOWS


def _replaces_folder(drift: Drift) -> bool:
    """Tell whether something else stands where the system had a directory."""
    return drift.detail.startswith(f"{Sort.FOLDER.value} → ") and not drift.is_folder

"""Cut a forecast down to what a commit may carry, and say how much is left out.

The release before gets all the room that there is, for it is what most machines have; older
ones get a little each. Nothing is dropped without being counted.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from arkes_build.history.forecast import LIMIT, LONGEST, SECTIONS, compact, item, ordered, text
from arkes_build.history.importance import by_importance
from arkes_build.history.model import PackageChange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.history.forecast import Forecast, Since
    from arkes_build.history.model import NameChange

OLDER = 2 << 10
"""Most bytes that the names since a release get which is not the one before."""
_NEW_LIST = len('"kernel_arguments":{},"downgraded":[],')
"""Most bytes that the first item of a list takes besides itself."""
_CUT: dict[str, Any] = dict.fromkeys(SECTIONS, ())


def fitted(forecast: Forecast) -> Forecast:
    """Return the forecast with as much in it as fits into ``LIMIT`` bytes of text."""
    whole = [_short_texts(since) for since in forecast.since]
    made = replace(forecast, since=tuple(_counted_only(since) for since in whole))
    # With its counts alone each takes some hundred bytes: many releases may be too many.
    while made.since and len(text(made)) > LIMIT:
        made = replace(made, since=made.since[:-1], left_out=made.left_out + 1)
    room = LIMIT - len(text(made))
    filled = []
    for at, since in enumerate(whole[: len(made.since)]):
        full, used = _filled(since, room if at == 0 else min(room, OLDER))
        filled.append(full)
        room -= used
    return replace(made, since=tuple(filled))


def _short_texts(since: Since) -> Since:
    kernel = since.kernel
    return replace(
        since,
        version=since.version[:LONGEST],
        kernel=None if kernel is None else (kernel[0][:LONGEST], kernel[1][:LONGEST]),
    )


def _counted_only(since: Since) -> Since:
    return replace(since, **_CUT, left_out=_left_out(since, ()))


def _filled(since: Since, room: int) -> tuple[Since, int]:
    """Name what fits, taking from each section in turn; return it and the bytes it took."""
    waiting = {
        section: deque(sorted(getattr(since, section), key=lambda one: by_importance(one.name)))
        for section in SECTIONS
    }
    taken: dict[str, list[Any]] = {section: [] for section in SECTIONS}
    begun: set[tuple[str, str]] = set()
    left = room
    while waiting := {section: queue for section, queue in waiting.items() if queue}:
        for section, queue in waiting.items():
            change = queue.popleft()
            if any(len(value) > LONGEST for value in _values(change)):
                continue
            is_new = (section, change.kind.value) not in begun
            cost = len(compact(item(section, change))) + 1 + _NEW_LIST * is_new
            if cost > left:
                queue.clear()
                continue
            begun.add((section, change.kind.value))
            taken[section].append(change)
            left -= cost
    named: dict[str, Any] = {section: ordered(found) for section, found in taken.items()}
    every = [(section, change) for section, found in taken.items() for change in found]
    return replace(since, **named, left_out=_left_out(since, every)), room - left


def _values(change: PackageChange | NameChange) -> tuple[str, ...]:
    if isinstance(change, PackageChange):
        return change.name, change.before, change.after
    return change.name, change.detail


def _left_out(since: Since, named: Iterable[tuple[str, Any]]) -> tuple[tuple[str, int], ...]:
    counts = Counter(dict(since.left_out))
    counts.update(
        f"{section}.{change.kind.value}"
        for section in SECTIONS
        for change in getattr(since, section)
    )
    counts.subtract(f"{section}.{change.kind.value}" for section, change in named)
    return tuple(sorted((name, count) for name, count in counts.items() if count))

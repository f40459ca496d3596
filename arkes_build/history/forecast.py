"""Say in a few kilobytes what a release changes for machines that have an earlier one.

A forecast is in the commit (``arkes.forecast``) and so signed with it: a machine knows what
comes, and what it costs, before it downloads anything. Whatever changed, the text has at most
``LIMIT`` bytes: ``fitting`` cuts lists and says how much of each is not named.

What is read may come from anywhere: ``parse`` takes nothing on trust.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from arkes_build.history.model import Kind, NameChange, PackageChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FORMAT = 1
LIMIT = 16 << 10
"""Most bytes of a forecast's text."""
LONGEST = 200
"""Most characters of one name or version in it."""
_LARGEST = 1 << 62
_DIGITS = frozenset("0123456789abcdef")
_CHECKSUM = 64
_KINDS = frozenset(kind.value for kind in Kind)

Item = TypeVar("Item")


class ForecastUnreadable(ValueError):
    """Report a text that is no forecast; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the way from one release to another takes, in bytes.

    ``objects`` is how many are new: files, directories, their metadata, and the commit.
    ``content_bytes`` is what they take on disk, ``object_bytes`` compressed as a web
    server has them; ``is_estimate`` says that not all of it was compressed to know.
    """

    objects: int
    content_bytes: int
    object_bytes: int
    is_estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is different since one earlier release; every tuple is sorted.

    ``left_out`` has pairs of a list (``packages.upgraded``) and how many of it are not
    named here. Paths of ``etc`` are those below ``/etc``.
    """

    commit: str
    version: str
    timestamp: int
    cost: Cost
    packages: tuple[PackageChange, ...] = ()
    etc: tuple[NameChange, ...] = ()
    units: tuple[NameChange, ...] = ()
    users: tuple[NameChange, ...] = ()
    kernel_arguments: tuple[NameChange, ...] = ()
    kernel: tuple[str, str] | None = None
    left_out: tuple[tuple[str, int], ...] = ()

    def count(self, section: str, kind: Kind) -> int:
        """Return how many of a section changed in this way, also those that are not named."""
        return self.counts(section)[kind]

    def counts(self, section: str) -> Counter[Kind]:
        """Return how many of a section changed in which way, also those that are not named."""
        counted = Counter([change.kind for change in getattr(self, section)])
        for name, count in self.left_out:
            of, _, kind = name.partition(".")
            if of == section and kind in _KINDS:
                counted[Kind(kind)] += count
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a release changes against those before it, the newest of them first.

    ``files`` and ``bytes`` are the size of its own tree; ``left_out`` is how many earlier
    releases had no room.
    """

    files: int
    bytes: int
    since: tuple[Since, ...] = ()
    left_out: int = 0


SECTIONS: Mapping[str, bool] = {
    "packages": False,
    "units": True,
    "users": True,
    "kernel_arguments": False,
    "etc": False,
}
"""Section → whether its names have a detail."""


def text(forecast: Forecast) -> str:
    """Return a forecast as JSON: ASCII, no blanks, always the same bytes for the same value."""
    made: dict[str, Any] = {
        "format": FORMAT,
        "tree": {"files": forecast.files, "bytes": forecast.bytes},
        "from": [_entry(since) for since in forecast.since],
    }
    if forecast.left_out:
        made["left_out"] = forecast.left_out
    return compact(made)


def compact(value: object) -> str:
    """Return JSON as it stands in a forecast."""
    return json.dumps(value, separators=(",", ":"))


def _entry(since: Since) -> dict[str, Any]:
    made: dict[str, Any] = {
        "commit": since.commit,
        "version": since.version,
        "timestamp": since.timestamp,
    }
    for section in SECTIONS:
        lists: dict[str, list[Any]] = {}
        for change in getattr(since, section):
            lists.setdefault(change.kind.value, []).append(item(section, change))
        if lists:
            made[section] = {kind: lists[kind] for kind in sorted(lists)}
    if since.kernel:
        made["kernel"] = list(since.kernel)
    if since.left_out:
        made["left_out"] = dict(since.left_out)
    made |= {field.name: getattr(since.cost, field.name) for field in fields(Cost)[:3]}
    if since.cost.is_estimate:
        made["is_estimate"] = True
    return made


def item(section: str, change: PackageChange | NameChange) -> object:
    """Return one change as it stands in its list: its kind is the list's name."""
    if isinstance(change, PackageChange):
        return [change.name, change.before, change.after]
    return [change.name, change.detail] if SECTIONS[section] else change.name


def parse(data: str) -> Forecast:
    """Return the forecast that a text is. Raises ``ForecastUnreadable``."""
    if len(data) > LIMIT:
        raise ForecastUnreadable("it is too long")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ForecastUnreadable("it is no JSON") from error
    table = _table(value)
    if table.get("format") != FORMAT:
        raise ForecastUnreadable("it has another format")
    tree = _table(table.get("tree"))
    return Forecast(
        files=_number(tree.get("files")),
        bytes=_number(tree.get("bytes")),
        since=tuple(_since(_table(one)) for one in _list(table.get("from"))),
        left_out=_number(table.get("left_out", 0)),
    )


def _since(table: Mapping[str, Any]) -> Since:
    commit, kernel = _text(table.get("commit")), table.get("kernel")
    if len(commit) != _CHECKSUM or not _DIGITS.issuperset(commit):
        raise ForecastUnreadable("a commit is no checksum")
    return Since(
        commit=commit,
        version=_text(table.get("version")),
        timestamp=_number(table.get("timestamp")),
        cost=Cost(
            objects=_number(table.get("objects")),
            content_bytes=_number(table.get("content_bytes")),
            object_bytes=_number(table.get("object_bytes")),
            is_estimate=table.get("is_estimate") is True,
        ),
        packages=_changes(table.get("packages", {}), _package),
        etc=_changes(table.get("etc", {}), _name),
        units=_changes(table.get("units", {}), _detailed),
        users=_changes(table.get("users", {}), _detailed),
        kernel_arguments=_changes(table.get("kernel_arguments", {}), _name),
        kernel=None if kernel is None else _pair(kernel),
        left_out=tuple(
            (_text(name), _number(count))
            for name, count in sorted(_table(table.get("left_out", {})).items())
        ),
    )


def _changes(value: object, made: Callable[[Any, Kind], Item]) -> tuple[Item, ...]:
    found = []
    for kind, items in _table(value).items():
        # A later version may know more; what it means for a machine is in the counts.
        if kind in _KINDS:
            known = Kind(kind)
            found += [made(one, known) for one in _list(items)]
    return ordered(found)


def ordered(changes: Iterable[Item]) -> tuple[Item, ...]:
    """Return changes by name; of one name, by kind and by what else they say."""
    return tuple(sorted(changes, key=_order))


def _order(change: Any) -> tuple[str, ...]:
    last = (change.before, change.after) if isinstance(change, PackageChange) else (change.detail,)
    return (change.name, change.kind.value, *last)


def _package(value: object, kind: Kind) -> PackageChange:
    name, before, after = _texts(value, 3)
    return PackageChange(name=name, before=before, after=after, kind=kind)


def _detailed(value: object, kind: Kind) -> NameChange:
    name, detail = _pair(value)
    return NameChange(name=name, kind=kind, detail=detail)


def _name(value: object, kind: Kind) -> NameChange:
    return NameChange(name=_text(value), kind=kind)


def _pair(value: object) -> tuple[str, str]:
    first, second = _texts(value, 2)
    return first, second


def _texts(value: object, count: int) -> list[str]:
    # A forecast has hundreds of these, and a log a hundred forecasts.
    if type(value) is not list:
        return _list(value)
    if len(value) != count:
        raise ForecastUnreadable(f"a list has {len(value)} texts instead of {count}")
    for one in value:
        if type(one) is not str or len(one) > LONGEST:
            return [_text(one)]
    return value


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ForecastUnreadable("a table is missing, or something else")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ForecastUnreadable("a list is missing, or something else")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ForecastUnreadable("a text is missing, too long, or something else")
    return value


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise ForecastUnreadable("a number is missing, or cannot be")
    return value

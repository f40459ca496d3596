"""Say in what two contents of one file differ: lines, bytes, or a member inside."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import TYPE_CHECKING

from arkes_build.history.causes import Cause, first_difference, of_bytes, of_path, of_texts
from arkes_build.history.containers import members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from arkes_build.history.containers import Member

MOST_LINES = 8
MOST_FINDINGS = 12
"""Differences told of the members of one file."""
_LINE = 160
_DEEPEST = 4
"""An initramfs: archives, the last one compressed, in it an archive, in it a compressed file."""
_TEXT = 4 * 1024 * 1024
_BYTES = 8
_TOGETHER = 3
"""Members with the same kind of change that are still told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that differs. ``inside`` is the way to it through containers.

    ``details`` are lines for people, with whatever the file held.
    """

    inside: tuple[str, ...] = ()
    details: tuple[str, ...]
    cause: Cause


def compare(path: str, before: bytes, after: bytes) -> tuple[Finding, ...]:
    """Return in what two different contents differ: at least one thing, a dozen at most."""
    found = list(islice(_compare(path, before, after, ()), MOST_FINDINGS + 1))
    if len(found) > MOST_FINDINGS:
        found[-1] = Finding(details=("more differs inside",), cause=found[-1].cause)
    return tuple(found)


def _compare(path: str, before: bytes, after: bytes, inside: tuple[str, ...]) -> Iterator[Finding]:
    """Look into containers first; what has nothing different inside was packed otherwise."""
    name = inside[-1] if inside else path
    parts = [members(data, name) if len(inside) < _DEEPEST else None for data in (before, after)]
    if parts[0] is None or parts[1] is None:
        yield _plain(path, name, before, after, inside)
        return
    is_found = False
    for finding in _members(path, parts[0], parts[1], inside):
        is_found = True
        yield finding
    if not is_found:
        at = first_difference(before, after)
        text = f"the same inside, packed otherwise from byte {at} on ({_sizes(before, after)})"
        yield Finding(inside=inside, details=(text,), cause=Cause.UNKNOWN)


def _members(
    path: str, old: Sequence[Member], new: Sequence[Member], inside: tuple[str, ...]
) -> Iterator[Finding]:
    one, other = ({member.name: member for member in part} for part in (old, new))
    alone = [f"only recorded: {name}" for name in sorted(one.keys() - other.keys())]
    alone += [f"only rebuilt: {name}" for name in sorted(other.keys() - one.keys())]
    if alone:
        yield Finding(inside=inside, details=_few(alone), cause=Cause.UNKNOWN)
    elif [member.name for member in old] != [member.name for member in new]:
        at = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a.name != b.name)
        text = f"the same members in another order, from {old[at].name} and {new[at].name} on"
        yield Finding(inside=inside, details=(text,), cause=Cause.ORDER)
    both = [name for name in one if name in other]
    headers = {name: _header(one[name].header, other[name].header) for name in both}
    yield from _headers({name: changed for name, changed in headers.items() if changed}, inside)
    for name in both:
        if one[name].data != other[name].data:
            yield from _compare(path, one[name].data, other[name].data, (*inside, name))


def _headers(
    changed: Mapping[str, Mapping[str, str]], inside: tuple[str, ...]
) -> Iterator[Finding]:
    """Tell of members whose header differs; many with the same fields are told together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, fields in changed.items():
        groups.setdefault(tuple(fields), []).append(name)
    for kinds, names in groups.items():
        cause = Cause.TIME if kinds == ("mtime",) else Cause.UNKNOWN
        if len(names) > _TOGETHER:
            first = "; ".join(changed[names[0]].values())
            text = f"{' and '.join(kinds)} of {len(names)} members, first {names[0]}: {first}"
            yield Finding(inside=inside, details=(text,), cause=cause)
            continue
        for name in names:
            told = tuple(changed[name].values())
            yield Finding(inside=(*inside, name), details=told, cause=cause)


def _header(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return field → what is said of it, for those that differ."""
    return {
        name: f"{name}: {before.get(name, '-')} recorded, {after.get(name, '-')} rebuilt"
        for name in sorted({**before, **after})
        if before.get(name) != after.get(name)
    }


def _plain(path: str, name: str, before: bytes, after: bytes, inside: tuple[str, ...]) -> Finding:
    old, new = _text(before), _text(after)
    if old is not None and new is not None:
        lines = _excerpt(old, new)
        if lines:
            return Finding(inside=inside, details=lines, cause=of_texts(_named(name), old, new))
    at = first_difference(before, after)
    pieces = (data[at : at + _BYTES].hex(" ") or "the end" for data in (before, after))
    text = f"{_sizes(before, after)}; from byte {at} on: " + " recorded, ".join(pieces) + " rebuilt"
    cause = of_bytes(_named(name), before, after)
    return Finding(
        inside=inside,
        details=(text,),
        cause=of_path(path) if inside and cause is Cause.UNKNOWN else cause,
    )


def _named(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"


def _sizes(before: bytes, after: bytes) -> str:
    if len(before) == len(after):
        return f"{len(before)} bytes"
    return f"{len(before)} bytes recorded, {len(after)} rebuilt"


def _text(data: bytes) -> str | None:
    if b"\0" in data or len(data) > _TEXT:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _excerpt(before: str, after: str) -> tuple[str, ...]:
    """Return the first lines of a unified difference, without its title."""
    old, new = before.split("\n"), after.split("\n")
    # Where many lines changed, difflib takes the square of their number: begin at the first.
    start = next((n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, start - 1)
    window = slice(start, start + 400)
    lines = list(unified_diff(old[window], new[window], n=0, lineterm=""))[2:]
    told = [line for line in lines if not line.startswith("@@")]
    return _few([line if len(line) <= _LINE else line[: _LINE - 1] + "…" for line in told])


def _few(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (*lines[: MOST_LINES - 1], f"and {len(lines) - MOST_LINES + 1} more lines")

"""Guess why two builds of one file differ, from the places where they do."""

from __future__ import annotations

import re
from enum import Enum

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_TIME = re.compile(
    rf"""
    \b1[5-9]\d{{8}}\b | \b2[01]\d{{8}}\b
    | (?:19|20)\d{{2}}(?P<mark>[-/.]?)\d{{2}}(?P=mark)\d{{2}}
      (?:[T ]?\d{{2}}:?\d{{2}}(?::?\d{{2}}(?:[.,]\d+)?)?)?(?:Z|\ ?[+-]\d{{4}})?
    | \b\d{{1,2}}\ (?:{_MONTHS})[a-z]*\ \d{{4}}
    | \b(?:{_MONTHS})[a-z]*\ {{1,2}}\d{{1,2}}(?:,?\ \d{{4}})?
    | \b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day)?\b
    | \b\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?
    """,
    re.VERBOSE,
)
"""Dates and times as programs write them; ten digits are seconds since 1970, from 2017 on."""
_DAYS = re.compile(r"(?<=:)\d{5}(?=:)")
"""Days since 1970 of shadow(5)."""
_PATH = re.compile(r"/(?:build|home|root|run|tmp|var/tmp|work)/[^\s:'\"<>|]+|\btmp\.\w{6,}")
_RANDOM = re.compile(r"\b[\w+/-]*\d[\w+/-]*={0,2}|\b[0-9A-Za-z+/]{16,}={0,2}")
"""Words with a digit in them, and long ones of the letters that base64 has."""
_RANDOM_FILES = re.compile(
    r"/(?:machine-id|random-seed|credential\.secret|ssh_host_\w+_key(?:\.pub)?|hostid|[^/]*\.uuid)$"
)
_TIME_FILES = re.compile(r"/(?:shadow-?|[^/]*\.log|lastlog|wtmp|[^/]*\.pyc)$")
_EPOCHS = range(1_500_000_000, 2_200_000_000)
"""Seconds since 1970 that a build of today may write."""
_WORD = 4


class Cause(Enum):
    """Name what most likely makes two builds differ."""

    PACKAGES = "packages"
    """Other versions of packages were installed."""
    FOLLOWS = "follows"
    """Something below differs, and this says so."""
    TIME = "time"
    ORDER = "order"
    PATH = "build path"
    RANDOM = "random"
    UNKNOWN = "unknown"


def of_texts(path: str, before: str, after: str) -> Cause:
    """Return what two texts differ by, when only that differs.

    1. The same lines in another order: ``ORDER``.
    2. Equal without dates and times: ``TIME``.
    3. Equal without paths of a build: ``PATH``.
    4. Equal without numbers and long words of digits and letters: ``RANDOM``.
    """
    if sorted(before.splitlines()) == sorted(after.splitlines()):
        return Cause.ORDER
    if path.endswith(("/shadow", "/shadow-")):
        before, after = (_DAYS.sub("0", text) for text in (before, after))
    for cause, pattern in ((Cause.TIME, _TIME), (Cause.PATH, _PATH), (Cause.RANDOM, _RANDOM)):
        before, after = pattern.sub("", before), pattern.sub("", after)
        if before == after:
            return cause
    return of_path(path)


def of_bytes(path: str, before: bytes, after: bytes) -> Cause:
    """Return what two binary contents differ by.

    Of those that are equally long: where each place that differs is part of a number which
    is a time in both, it is ``TIME``; where each byte is there as often, ``ORDER``; where
    nearly nothing is the same in a small file, ``RANDOM``.
    """
    if len(before) == len(after) and before != after:
        places = _places(before, after)
        if places is not None and all(_is_time(before, after, at) for at in places):
            return Cause.TIME
        if places is None and _counts(before) == _counts(after):
            return Cause.ORDER
        if _is_drawn(before, after):
            return Cause.RANDOM
    return of_path(path)


def of_path(path: str) -> Cause:
    """Return what a file of this name is known for."""
    if _RANDOM_FILES.search(path):
        return Cause.RANDOM
    return Cause.TIME if _TIME_FILES.search(path) else Cause.UNKNOWN


def first_difference(before: bytes, after: bytes) -> int:
    """Return the offset of the first byte that differs; the shorter one's end if none does."""
    shorter = min(len(before), len(after))
    low, high = 0, shorter
    # By halves: comparing slices is a thousand times quicker than a loop over bytes.
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


_MOST_PLACES = 64
_DRAWN = range(8, 65_537)
"""Bytes of a seed, a key or an identity; what is larger may be packed or encrypted."""


def _places(before: bytes, after: bytes) -> list[int] | None:
    """Return where runs of different bytes begin; None when there are very many."""
    found: list[int] = []
    at = 0
    while (at := at + first_difference(before[at:], after[at:])) < len(before):
        if len(found) == _MOST_PLACES:
            return None
        found.append(at)
        at += _WORD
    return found


def _is_time(before: bytes, after: bytes, at: int) -> bool:
    """Tell whether the aligned number of four bytes at this place is a time in both.

    Any four letters would pass for one, were every place allowed.
    """
    start = at - at % _WORD
    pairs = [
        [int.from_bytes(data[start : start + _WORD], order) for data in (before, after)]
        for order in ("little", "big")
    ]
    return any(all(number in _EPOCHS for number in pair) for pair in pairs)


def _is_drawn(before: bytes, after: bytes) -> bool:
    if not _DRAWN.start <= len(before) < _DRAWN.stop:
        return False
    same = sum(one == other for one, other in zip(before, after, strict=True))
    return same * _WORD < len(before)


def _counts(data: bytes) -> list[int]:
    return [data.count(value) for value in range(256)]

"""Order versions as the package managers do.

dpkg: deb-version(7) and ``lib/dpkg/version.c``. pacman: ``lib/libalpm/version.c``, which is
rpm's order with an epoch before it. The tests ask the tools themselves about thousands of pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest

Order = Callable[[str, str], int]
"""Return a negative number, zero or a positive one: first older, same, newer."""

_PIECES = re.compile(r"([^0-9]*)([0-9]*)")
_ALNUM = re.compile(r"[0-9]+|[A-Za-z]+")
_EPOCH = re.compile(r"([0-9]*):(.*)", re.DOTALL)


def dpkg_order(one: str, other: str) -> int:
    """Compare as ``dpkg --compare-versions``: epoch, upstream version, revision."""
    for mine, its in zip(_dpkg_parts(one), _dpkg_parts(other), strict=True):
        if found := _dpkg_part(mine, its):
            return found
    return 0


def pacman_order(one: str, other: str) -> int:
    """Compare as ``vercmp``: epoch, version, and the release when both have one."""
    mine, its = _pacman_parts(one), _pacman_parts(other)
    for at in (0, 1):
        if found := _rpm_part(mine[at], its[at]):
            return found
    return _rpm_part(mine[2], its[2]) if mine[2] and its[2] else 0


def _dpkg_parts(version: str) -> tuple[str, str, str]:
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _hyphen, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return epoch, upstream, revision


def _dpkg_part(one: str, other: str) -> int:
    for mine, its in zip_longest(_PIECES.findall(one), _PIECES.findall(other), fillvalue=("", "")):
        words, digits = ((mine[at], its[at]) for at in (0, 1))
        if words[0] != words[1]:
            keys = ([*map(_dpkg_weight, word), 0] for word in words)
            first, second = keys
            if first != second:
                return -1 if first < second else 1
        if found := _numbers(*digits):
            return found
    return 0


def _dpkg_weight(char: str) -> int:
    """Return a tilde before the end, the end (0) before letters, these before all else."""
    if char == "~":
        return -1
    return ord(char) if char.isascii() and char.isalpha() else ord(char) + 256


def _pacman_parts(version: str) -> tuple[str, str, str]:
    match = _EPOCH.fullmatch(version)
    epoch, rest = (match[1] or "0", match[2]) if match else ("0", version)
    head, hyphen, tail = rest.rpartition("-")
    return (epoch, head, tail) if hyphen else (epoch, rest, "")


def _rpm_part(one: str, other: str) -> int:
    if one == other:
        return 0
    here = there = 0
    while here < len(one) and there < len(other):
        after, beyond = _past_separators(one, here), _past_separators(other, there)
        skipped = (after - here, beyond - there)
        here, there = after, beyond
        if here == len(one) or there == len(other):
            break
        if skipped[0] != skipped[1]:
            return -1 if skipped[0] < skipped[1] else 1
        mine, its = _segment(one, here), _segment(other, there)
        if mine.isdigit() != its.isdigit():
            return 1 if mine.isdigit() else -1
        if found := _segments(mine, its):
            return found
        here, there = here + len(mine), there + len(its)
    return _rest(one[here:], other[there:])


def _past_separators(text: str, at: int) -> int:
    while at < len(text) and not (text[at].isascii() and text[at].isalnum()):
        at += 1
    return at


def _segment(text: str, at: int) -> str:
    match = _ALNUM.match(text, at)
    return match[0] if match else ""


def _segments(one: str, other: str) -> int:
    return _numbers(one, other) if one.isdigit() else (one > other) - (one < other)


def _numbers(one: str, other: str) -> int:
    """Compare digits of any length: a hostile version has more than ``int`` takes."""
    one, other = one.lstrip("0"), other.lstrip("0")
    if len(one) != len(other):
        return -1 if len(one) < len(other) else 1
    return (one > other) - (one < other)


def _rest(one: str, other: str) -> int:
    """Judge what only one of them still has: letters make it older, anything else newer."""
    if not one and not other:
        return 0
    starts_with_letter = one[:1].isalpha()
    return -1 if (not one and not other[:1].isalpha()) or starts_with_letter else 1

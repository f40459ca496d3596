"""Match the shell patterns of ``${name#pattern}``: ``*`` any text, ``?`` one character.

As in BuildKit there are no bracket expressions, and neither wildcard takes a line end.
All states are followed at once, so that no pattern is slow on any value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SEARCHED = 1024
"""Longest value that ``${name/pattern/text}`` searches, in characters."""

_ANY, _ONE = "*", "?"


class Item(NamedTuple):
    """One step of a pattern: a plain character, or a wildcard."""

    text: str
    is_wild: bool


def compiled(pattern: str) -> list[Item]:
    r"""Return the steps of a pattern; ``\`` makes the next character a plain one.

    Raises ``ValueError`` for an escape that BuildKit refuses: only ``* ? \ } /`` can be.
    """
    items: list[Item] = []
    characters = iter(pattern)
    for char in characters:
        if char == "\\":
            plain = next(characters, "")
            if plain not in ("*", "?", "\\", "}", "/"):
                raise ValueError(f"\\{plain}")
            items.append(Item(plain, is_wild=False))
        elif char != _ANY or not items or items[-1] != Item(_ANY, is_wild=True):
            items.append(Item(char, is_wild=char in (_ANY, _ONE)))
    return items


def without_prefix(value: str, pattern: str, *, longest: bool) -> str:
    """Return a value less its shortest or longest beginning that the pattern matches."""
    return value[_length(value, compiled(pattern), longest=longest) :]


def without_suffix(value: str, pattern: str, *, longest: bool) -> str:
    """Return a value less its shortest or longest ending that the pattern matches."""
    items = compiled(pattern)[::-1]
    return value[: len(value) - _length(value[::-1], items, longest=longest)]


def replaced(value: str, pattern: str, text: str, *, everywhere: bool) -> str:
    """Return a value with the first or every longest match replaced by a plain text.

    Raises ``ValueError`` for a value that is longer than ``LONGEST_SEARCHED``.
    """
    if len(value) > LONGEST_SEARCHED:
        raise ValueError(f"a value of {len(value)} characters")
    items = compiled(pattern)
    parts, position = [], 0
    while position <= len(value):
        end = max(_ends(value, items, position), default=None)
        if end is None:
            parts.append(value[position : position + 1])
            position += 1
            continue
        parts.append(text)
        if end == position:
            parts.append(value[position : position + 1])
        position = max(end, position + 1)
        if not everywhere:
            break
    return "".join(parts) + value[position:]


def _length(value: str, items: list[Item], *, longest: bool) -> int:
    ends = _ends(value, items, 0)
    return max(ends, default=0) if longest else next(ends, 0)


def _ends(value: str, items: list[Item], start: int) -> Iterator[int]:
    """Yield, ascending, where a match that begins at ``start`` may end."""
    anything = _mask(items, Item(_ANY, is_wild=True))
    one = _mask(items, Item(_ONE, is_wild=True))
    last = 1 << len(items)
    states = _closed(1, anything)
    if states & last:
        yield start
    plain: dict[str, int] = {}
    for position in range(start, len(value)):
        char = value[position]
        if char not in plain:
            plain[char] = _mask(items, Item(char, is_wild=False))
        wild = 0 if char == "\n" else one
        stay = 0 if char == "\n" else states & anything
        states = _closed(((states & (plain[char] | wild)) << 1) | stay, anything)
        if states & last:
            yield position + 1
        if not states:
            return


def _mask(items: list[Item], wanted: Item) -> int:
    return sum(1 << index for index, item in enumerate(items) if item == wanted)


def _closed(states: int, anything: int) -> int:
    """Add the states behind each ``*``: it may stand for nothing. No two stand in a row."""
    return states | ((states & anything) << 1)

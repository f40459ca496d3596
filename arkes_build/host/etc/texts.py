"""Show how the text of a file in /etc differs from the one that was delivered."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

from arkes_build.host.etc.secrets import is_secret
from arkes_build.host.etc.things import Sort, thing

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 256 << 10
"""Bytes of a file that is compared line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """The lines of a unified diff, or ``why`` there are none."""

    lines: tuple[str, ...] = ()
    why: str = ""


def text_diff(delivered: Path, local: Path, path: str) -> TextDiff:
    """Return how a file below /etc differs; secrets, links and what is no text have no lines."""
    things = thing(delivered / path), thing(local / path)
    if all(one is None or one.sort is not Sort.FILE for one in things):
        return TextDiff(why="no file")
    try:
        old, new = (
            (top / path).read_bytes()[: LARGEST + 1] if one and one.sort is Sort.FILE else b""
            for top, one in zip((delivered, local), things, strict=True)
        )
    except OSError:
        return TextDiff(why="only root may read it")
    if is_secret(path, *things, data=old + b"\n" + new):
        return TextDiff(why="not shown: it may hold a secret")
    if len(old) > LARGEST or len(new) > LARGEST:
        return TextDiff(why="too large to compare line by line")
    if b"\0" in old or b"\0" in new:
        return TextDiff(why="not a text")
    names = f"/usr/etc/{path}", f"/etc/{path}"
    lines = unified_diff(_lines(old), _lines(new), *names, lineterm="")
    return TextDiff(lines=tuple(lines))


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "backslashreplace").splitlines()
